/** The checks of devices: which are there, whose they are, and which lines of config.txt they want. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseUnits } from '../../src/doctor/service-unit';
import { scratchFolder } from '../wasm/components';
import { pi4, pi5, piZero2 } from './boards';
import { lookedAt } from './checks';
import { type FakeMachine, GROUP_NUMBERS } from './fake-machine';
import { unit } from './units';

function withToml(machine: FakeMachine, text: string): FakeMachine {
  return machine.file('/home/pi/.node-red/wasi/host.toml', text, 'pi:pi');
}

const PORT =
  '[plugins.gps]\nenabled = true\n[plugins.gps.grants]\nuart = ["/dev/serial0"]\nspi = ["1.0"]\ni2c = ["3:0x40"]\n';

describe('a device file', () => {
  it('whose group the user lacks comes with the line that gives it', async (test) => {
    const machine = pi4(scratchFolder(test)).accounts(
      { i2c: [], gpio: ['pi'], spi: ['pi'], pi: [] },
      { pi: '/home/pi' },
    );
    assert.deepEqual(await lookedAt(machine, 'i2c-1', { login: { gids: new Set([1000]) } }), [
      'missing',
      'user pi may not open /dev/i2c-1 (root:i2c 0660)',
      'give the user the group "i2c"; it counts after logging out and in again\nsudo usermod -aG i2c pi',
    ]);
  });

  it('of a service that started before its user had the group wants a restart only', async (test) => {
    const [service] = parseUnits(unit({ User: 'pi' }));
    assert.ok(service);
    const machine = pi4(scratchFolder(test)).file('/proc/812/status', 'Gid:\t1000\t1000\t1000\t1000\nGroups:\t1000 \n');
    assert.deepEqual(await lookedAt(machine, 'i2c-1', { service }), [
      'missing',
      'user pi may not open /dev/i2c-1 (root:i2c 0660): its process is older than its group "i2c"',
      'Node-RED gets it when it starts again\nsudo systemctl restart nodered.service',
    ]);
  });
});

describe('GPIO', () => {
  it('is found by label where the device tree is not to be seen', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/sys/bus/gpio/devices/gpiochip0/of_node/compatible', '');
    assert.equal((await lookedAt(machine, 'gpio'))[0], 'missing');
    machine
      .file('/sys/class/gpio/gpiochip512/label', 'pinctrl-bcm2711\n')
      .dir('/sys/class/gpio/gpiochip512/device/gpiochip0');
    assert.equal((await lookedAt(machine, 'gpio'))[0], 'ok');
  });

  it('is found by the label that the kernel gives', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/sys/bus/gpio/devices/gpiochip0/of_node/compatible', '');
    const gpioLabel = (path: string) => (path === `${machine.root}/dev/gpiochip0` ? 'pinctrl-bcm2711' : 'other');
    assert.equal((await lookedAt(machine, 'gpio', { probes: { gpioLabel } }))[0], 'ok');
    assert.equal((await lookedAt(machine, 'gpio', { probes: { gpioLabel: () => 'pinctrl-rp1' } }))[0], 'missing');
  });

  it("is that of the board's header, not another board's", async (test) => {
    const machine = pi4(scratchFolder(test)).model('Raspberry Pi 5 Model B Rev 1.0');
    assert.match((await lookedAt(machine, 'gpio')).join(), /^missing,no controller pinctrl-rp1/);
  });

  it('is left alone where nobody may switch a relay', async (test) => {
    const machine = withToml(
      pi4(scratchFolder(test)),
      '[plugins.dht22]\nenabled = false\n[plugins.pi_monitor]\nenabled = false\n',
    );
    assert.equal((await lookedAt(machine, 'gpio'))[0], 'skipped');
  });

  it('has no pin that two things want', async (test) => {
    const machine = withToml(pi4(scratchFolder(test)), '[fan]\ngpio_pin = 10\n');
    assert.deepEqual((await lookedAt(machine, 'pins')).slice(0, 2), [
      'missing',
      'GPIO10 is wanted by LED strip and fan',
    ]);
  });

  it('knows the pin of the kernel driver of the strip', async (test) => {
    const machine = withToml(pi5(scratchFolder(test)), '[fan]\ngpio_pin = 10\n');
    assert.match((await lookedAt(machine, 'pins')).join(), /^ok,.*GPIO10 fan.*GPIO18 LED strip/);
    withToml(machine, '[fan]\ngpio_pin = 18\n');
    assert.equal((await lookedAt(machine, 'pins'))[0], 'missing');
  });
});

describe('a DHT22', () => {
  it('at another pin than its overlay says is missing', async (test) => {
    const machine = withToml(pi4(scratchFolder(test)), '[sensors.dht22]\ngpio_pin = 22\n');
    const [kind, says, mend] = await lookedAt(machine, 'dht22-gpio22');
    assert.deepEqual([kind, says], ['missing', 'the kernel knows no DHT22 at GPIO22']);
    assert.match(
      String(mend),
      /printf '\\n\[all\]\\ndtoverlay=dht11,gpiopin=22\\n' \| sudo tee -a \/boot\/firmware\/config\.txt/,
    );
  });

  it('alone without a pin in the device tree is taken for it', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/sys/bus/iio/devices/iio:device0/of_node/gpios', '');
    assert.equal((await lookedAt(machine, 'dht22-gpio4'))[0], 'ok');
    machine.file('/sys/bus/iio/devices/iio:device1/name', 'dht11@11\n');
    assert.equal((await lookedAt(machine, 'dht22-gpio4'))[0], 'missing');
  });

  for (const [line, hint] of [
    ['#dtoverlay=dht11,gpiopin=4', /commented out/],
    ['[pi5]\ndtoverlay=dht11', /in a section for another board/],
    ['dtoverlay=dht11', /has its line: reboot[\s\S]*dmesg/],
  ] as const)
    it(`that is missing with ${JSON.stringify(line)}: ${hint}`, async (test) => {
      const machine = piZero2(scratchFolder(test)).file('/boot/firmware/config.txt', `${line}\n`);
      assert.match(String((await lookedAt(machine, 'dht22-gpio4'))[2]), hint);
    });
});

describe('the BME680', () => {
  for (const [answer, kind, says] of [
    [{ kind: 'answered', chipId: 0x61 }, 'ok', /^answers at 0x77 of bus 1$/],
    [{ kind: 'answered', chipId: 0x60 }, 'warning', /is a BME280, no BME680/],
    [{ kind: 'answered', chipId: 0xff }, 'warning', /chip id 0xff/],
    [{ kind: 'silent', reason: 'EREMOTEIO' }, 'missing', /^nothing answers at 0x77 of bus 1 \(EREMOTEIO\)$/],
    [{ kind: 'not-asked', because: 'of a reason' }, 'skipped', /^not asked: of a reason$/],
  ] as const)
    it(`is ${kind} when the probe says ${JSON.stringify(answer)}`, async (test) => {
      const asked: unknown[] = [];
      const chipId = async (path: string, address: number) => {
        asked.push(path, address);
        return answer;
      };
      const machine = pi4(scratchFolder(test));
      const [found, text] = await lookedAt(machine, 'bme680', { probes: { chipId } });
      assert.equal(found, kind);
      assert.match(String(text), says);
      assert.deepEqual(asked, [`${machine.root}/dev/i2c-1`, 0x77]);
    });

  it('is not asked where a driver of the kernel has it', async (test) => {
    const machine = pi4(scratchFolder(test)).dir('/sys/bus/i2c/devices/1-0077/driver');
    assert.match(
      (await lookedAt(machine, 'bme680')).join('\n'),
      /^missing\n[\s\S]*echo 1-0077 \| sudo tee .*\/driver\/unbind$/,
    );
  });

  it('is not asked where the bus or the grant is missing', async (test) => {
    assert.equal((await lookedAt(piZero2(scratchFolder(test)), 'bme680'))[0], 'skipped');
    const machine = withToml(pi4(scratchFolder(test)), '[plugins.bme680]\nenabled = false\n');
    assert.equal((await lookedAt(machine, 'bme680'))[0], 'skipped');
  });
});

describe('the strip', () => {
  it('wants the core clock of its board pinned', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/boot/firmware/config.txt', 'core_freq=500\n');
    assert.match(
      (await lookedAt(machine, 'core-clock')).join('\n'),
      /^warning\n[\s\S]*core_freq=500\\ncore_freq_min=500\\n'/,
    );
    assert.match(
      (await lookedAt(piZero2(scratchFolder(test)), 'core-clock')).join('\n'),
      /^warning\n[\s\S]*core_freq=250\\n'/,
    );
    assert.equal((await lookedAt(pi5(scratchFolder(test)), 'core-clock'))[0], 'ok');
  });

  it('has to fit into the buffer of spidev', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/sys/module/spidev/parameters/bufsiz', '128\n');
    assert.match(
      (await lookedAt(machine, 'strip')).join('\n'),
      /^missing\nspidev takes 128 bytes at once, but 11 LEDs are 184/,
    );
  });

  it('is left out with driver = "none"', async (test) => {
    const machine = withToml(pi4(scratchFolder(test)), '[leds]\ndriver = "none"\n');
    assert.equal((await lookedAt(machine, 'strip'))[0], 'skipped');
    assert.equal((await lookedAt(machine, 'core-clock'))[0], 'skipped');
  });
});

describe('what host.toml grants beyond the header', () => {
  it('is checked one by one', async (test) => {
    const machine = withToml(pi4(scratchFolder(test)), PORT);
    assert.match((await lookedAt(machine, 'serial-serial0')).join('\n'), /^missing\n[\s\S]*enable_uart=1/);
    assert.match((await lookedAt(machine, 'spi-1.0')).join('\n'), /^missing\n[\s\S]*dtoverlay=spi1-1cs/);
    assert.match((await lookedAt(machine, 'i2c-3')).join('\n'), /^missing\n[\s\S]*dtoverlay=i2c3/);
  });

  it('is no port that the console of the kernel uses', async (test) => {
    const machine = withToml(pi4(scratchFolder(test)), PORT).device('/dev/serial0', 'root:dialout');
    assert.ok(GROUP_NUMBERS['dialout']);
    assert.equal((await lookedAt(machine, 'serial-serial0'))[0], 'ok');
    machine.file('/proc/cmdline', 'console=serial0,115200 console=tty1 root=/dev/mmcblk0p2\n');
    assert.match(
      (await lookedAt(machine, 'serial-serial0')).join('\n'),
      /^missing\n[\s\S]*raspi-config nonint do_serial_cons 1/,
    );
  });
});
