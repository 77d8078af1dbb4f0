/** A RevPi's process image over a character device of a real kernel: the ioctls, their structures and their errors. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { loadKernel } from '../../../src/hardware/linux/kernel';
import { Notices } from '../../../src/hardware/notices';
import { RevPiHardware } from '../../../src/hardware/revpi/revpi-hardware';
import { systemClock } from '../../../src/platform/clock';
import { Pty } from '../../hardware/linux/pty';
import { settingsWith } from '../../hardware/settings';
import { bme680Registers } from './bme680-registers';
import { i2cWire, WIRE_BUS } from './i2c-wire';
import { CONFIG_FILE, CONFIG_RSC, revPiWire } from './revpi-wire';
import { ThermalZone } from './thermal-zone';

const TANK_LEVEL = 13;
const VALVE = 33;
const DIO_INPUTS = 102;
const DIO_OUTPUTS = 172;
const LEDS = 11;
const NOBODY = 65_534;
const EIO = 5;

async function revPiOf(t: TestContext, configFile = CONFIG_FILE) {
  const said: string[] = [];
  const hardware = new RevPiHardware(
    settingsWith({}, { leds: { count: 5, brightness: 50, driver: 'spi', onClose: 'dark' } }),
    {
      devDir: '/dev',
      sysDir: '/sys',
      configFile,
      kernel: loadKernel,
      clock: systemClock,
      notices: new Notices(({ text }) => said.push(text)),
    },
  );
  await hardware.start();
  t.after(() => hardware.close());
  return { hardware, said };
}

beforeEach(() => revPiWire.plug());
afterEach(() => revPiWire.unplug());

describe('the process image of a RevPi', () => {
  it('is read by the names of PiCtory', async (t) => {
    const { hardware, said } = await revPiOf(t);
    revPiWire.poke(TANK_LEVEL, Uint8Array.of(0x9c, 0xff));
    revPiWire.poke(DIO_INPUTS, Uint8Array.of(0x00, 0x02));
    revPiWire.poke(DIO_INPUTS + 10, Uint8Array.of(0x78, 0x56, 0x34, 0xf2));
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: -100 });
    assert.deepEqual(await hardware.processImageRead('I_10'), { tag: 'bit', val: true });
    assert.deepEqual(await hardware.processImageRead('I_9'), { tag: 'bit', val: false });
    assert.deepEqual(await hardware.processImageRead('Counter_2'), { tag: 'unsigned', val: 0xf234_5678 });
    assert.deepEqual(said, []);
  });

  it('is written: bits by the driver, one ioctl each, and the rest in one write', async (t) => {
    const { hardware } = await revPiOf(t);
    revPiWire.poke(DIO_OUTPUTS, Uint8Array.of(0xf0, 0x01));
    const before = revPiWire.counts();
    await hardware.processImageWrite('Pump', { tag: 'bit', val: true });
    await hardware.processImageWrite('O_5', { tag: 'bit', val: false });
    await hardware.processImageWrite('Alarm', { tag: 'bit', val: true });
    await hardware.processImageWrite('Valve_Position', { tag: 'signed', val: -2 });
    assert.deepEqual(revPiWire.peek(DIO_OUTPUTS, 3), [0xe1, 0x03, 0]);
    assert.deepEqual(revPiWire.peek(VALVE - 1, 4), [0, 0xfe, 0xff, 0]);
    const after = revPiWire.counts();
    assert.deepEqual([after.writes - before.writes, after.bits - before.bits], [1, 3]);
  });

  it('takes no write to an input, and no value that does not fit', async (t) => {
    const { hardware } = await revPiOf(t);
    const before = revPiWire.counts();
    await assert.rejects(hardware.processImageWrite('Tank_Level', { tag: 'signed', val: 1 }), {
      code: 'HARDWARE_IO',
      message: /Tank_Level is an input of RevPi AIO/,
    });
    await assert.rejects(hardware.processImageWrite('PWM_1', { tag: 'unsigned', val: 256 }), { code: 'HARDWARE_IO' });
    assert.deepEqual(revPiWire.counts(), before);
  });

  it('of a name that is not configured is missing, by file and by driver', async (t) => {
    const { hardware } = await revPiOf(t);
    await assert.rejects(hardware.processImageRead('Tank_Levle'), {
      code: 'HARDWARE_MISSING',
      message: /did you mean Tank_Level/,
    });
    const byDriver = await revPiOf(t, '/nonexistent/config.rsc');
    await assert.rejects(byDriver.hardware.processImageRead('Tank_Levle'), { code: 'HARDWARE_MISSING' });
    revPiWire.poke(TANK_LEVEL, Uint8Array.of(0xfe, 0xff));
    assert.deepEqual(await byDriver.hardware.processImageRead('Tank_Level'), { tag: 'signed', val: -2 });
  });

  it('of another configuration than the file says is neither read nor written', async (t) => {
    const { hardware } = await revPiOf(t);
    revPiWire.configure(CONFIG_RSC.replace('"offset": 215', '"offset": 315'));
    const before = revPiWire.counts();
    await assert.rejects(hardware.processImageWrite('Batch', { tag: 'unsigned', val: 9 }), {
      code: 'HARDWARE_IO',
      message: /Reset Driver/,
    });
    assert.deepEqual(revPiWire.counts(), before);
    assert.equal((await hardware.processImageRead('Counter_1')).val, 0);
  });
});

describe('a fault', () => {
  it('of PiBridge, driver or module is an I/O error and no zero, and over when it is over', async (t) => {
    const { hardware } = await revPiOf(t);
    revPiWire.run(false);
    await assert.rejects(hardware.processImageRead('Tank_Level'), { code: 'HARDWARE_IO', message: /EAGAIN/ });
    await assert.rejects(hardware.cpuTemperature(), { code: 'HARDWARE_IO', message: /EAGAIN/ });
    revPiWire.run(true);
    revPiWire.fail(EIO);
    await assert.rejects(hardware.processImageWrite('Pump', { tag: 'bit', val: true }), {
      code: 'HARDWARE_IO',
      message: /EIO/,
    });
    revPiWire.fail(0);
    revPiWire.aio('offline');
    await assert.rejects(hardware.processImageRead('Tank_Level'), {
      code: 'HARDWARE_IO',
      message: /RevPi AIO \(position 32\) is offline/,
    });
    assert.deepEqual(await hardware.processImageRead('Pump'), { tag: 'bit', val: false });
    revPiWire.aio('online');
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: 0 });
  });

  it('of a driver that was unloaded is said once, and over when it is loaded again', async (t) => {
    const { hardware, said } = await revPiOf(t);
    revPiWire.unplug();
    for (let tries = 0; tries < 2; tries += 1) {
      await assert.rejects(hardware.processImageRead('Pump'), { code: 'HARDWARE_MISSING', message: /modprobe/ });
    }
    revPiWire.plug();
    await hardware.processImageRead('Pump');
    assert.equal(said.length, 2, said.join('\n'));
  });

  it('of a user outside the group picontrol names the group and the drop-in', async (t) => {
    const { hardware } = await revPiOf(t);
    process.setegid?.(NOBODY);
    process.seteuid?.(NOBODY);
    try {
      await assert.rejects(hardware.processImageRead('Pump'), {
        code: 'HARDWARE_PERMISSION',
        message: /piControl0, EACCES.*"picontrol".*SupplementaryGroups=dialout picontrol i2c gpio spi/,
      });
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
    }
  });
});

describe('buses and serial ports of a RevPi', () => {
  it('are those of the kernel, as on a Raspberry Pi', async (t) => {
    const pty = new Pty();
    t.after(() => {
      pty.hangUp();
      i2cWire.reset();
    });
    const { hardware, said } = await revPiOf(t);
    await hardware.uartSetBaud(pty.port, 19_200);
    assert.equal(await hardware.uartWrite(pty.port, Uint8Array.of(1, 2, 3)), 3);
    assert.deepEqual(pty.received(), Uint8Array.of(1, 2, 3));
    pty.send(Uint8Array.of(4, 5));
    assert.deepEqual(await hardware.uartRead(pty.port, 8, 1_000), Uint8Array.of(4, 5));
    i2cWire.setChip(0x77, 'answers');
    for (const [first, bytes] of bme680Registers()) i2cWire.setRegisters(0x77, first, bytes);
    assert.equal((await hardware.readBme680(WIRE_BUS, 0x77)).temperature, 26.69);
    assert.deepEqual(await hardware.spiTransfer(0, 0, Uint8Array.of(6, 7)), Uint8Array.of(6, 7));
    assert.deepEqual(said, []);
  });
});

describe('the RevPi itself', () => {
  it('tells its temperature in the process image', async (t) => {
    const { hardware } = await revPiOf(t);
    revPiWire.poke(0, Uint8Array.of(1, 0, 0, 0, 47));
    assert.equal(await hardware.cpuTemperature(), 47);
  });

  it("tells the thermal zone's where the driver is absent", async (t) => {
    const zone = await ThermalZone.add(51_500);
    t.after(() => zone.remove());
    const { hardware } = await revPiOf(t);
    revPiWire.unplug();
    assert.equal(await hardware.cpuTemperature(), 51.5);
  });

  it('shows colours on A1 to A5 in one write, and is dark when it is closed', async (t) => {
    const { hardware } = await revPiOf(t);
    const before = revPiWire.counts();
    await hardware.writeLeds(Uint8Array.from(Buffer.from('ff000000ff000000ffffffff280000', 'hex')));
    assert.deepEqual(revPiWire.peek(LEDS, 2), [0b00010001, 0b00011111]);
    assert.equal(revPiWire.counts().writes - before.writes, 1);
    await hardware.close();
    assert.deepEqual(revPiWire.peek(LEDS, 2), [0, 0]);
  });
});
