/**
 * The whole runtime with the bundled plugins on the devices of the tests' kernel, which calls itself a Raspberry Pi 4: what
 * a plugin gets has come over the kernel's drivers, and what is missing is said.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { ws2812SpiFrame } from '../../../src/leds/ws2812-frame';
import { openRuntime } from '../../../src/runtime/open-runtime';
import type { LogLine, RuntimeOptions } from '../../../src/runtime-api/runtime-api';
import { bme680Registers } from './bme680-registers';
import { dht22Wire } from './dht22-wire';
import { GpioSim } from './gpio-sim';
import { i2cWire } from './i2c-wire';
import { spiWire } from './spi-wire';
import { ThermalZone } from './thermal-zone';

const NO_DASHBOARD = '[plugins.dashboard]\nenabled = false\n';

async function runtimeOf(t: TestContext, hardware: RuntimeOptions['hardware'], configText = NO_DASHBOARD) {
  const log: LogLine[] = [];
  const runtime = await openRuntime({
    configSource: 'inline',
    configFile: '',
    configText,
    pluginDir: '',
    hardware,
    userDir: mkdtempSync(join(tmpdir(), 'user-')),
    log: (line) => log.push(line),
  });
  t.after(() => runtime.close());
  return { runtime, log, warnings: () => log.filter(({ level }) => level === 'warn').map(({ text }) => text) };
}

afterEach(() => {
  i2cWire.reset();
  spiWire.plug();
  dht22Wire.unplug(4);
  dht22Wire.silent(4);
  dht22Wire.plug(4);
});

describe('a runtime on a Raspberry Pi', () => {
  it('is chosen by the device tree, and its plugins read what the sensors say', async (t) => {
    const chip = new GpioSim('pinctrl-bcm2711', 58);
    t.after(() => chip.unplug());
    const zone = await ThermalZone.add(48_200);
    t.after(() => zone.remove());
    dht22Wire.measures(4, 21.5, 40.3);
    i2cWire.setChip(0x77, 'answers');
    for (const [first, bytes] of bme680Registers()) i2cWire.setRegisters(0x77, first, bytes);
    const { runtime, warnings } = await runtimeOf(t, 'auto');
    assert.deepEqual(runtime.hardware, { kind: 'raspberry-pi', model: 'Raspberry Pi 4 Model B Rev 1.5' });
    const { readings, failures } = await runtime.pollAll();
    assert.deepEqual(failures, []);
    const values = Object.fromEntries(readings.map((reading) => [reading.plugin, reading.values]));
    assert.equal(values['dht22']?.['temperature'], 21.5);
    assert.equal(values['dht22']?.['humidity'], 40.3);
    assert.equal(values['bme680']?.['temperature'], 26.69);
    assert.equal(values['bme680']?.['pressure'], 987.12);
    assert.equal(values['pi_monitor']?.['cpuTemp'], 48.2);
    assert.equal(chip.level(27), 1, 'the fan is off');
    const { leds } = await runtime.syncLeds();
    const colors = Uint8Array.from(Buffer.from(leds.join('').replaceAll('#', ''), 'hex'));
    assert.ok(colors.some((byte) => byte > 0));
    assert.deepEqual(spiWire.sent(), ws2812SpiFrame(colors, 50), 'the strip shows what the plugins set');
    assert.deepEqual(warnings(), [], 'nothing is missing');
  });

  it('starts where every device is missing, says of each what to do, and fails no more than its polls', async (t) => {
    i2cWire.unplug();
    dht22Wire.unplug(4);
    spiWire.unplug();
    const { runtime, log, warnings } = await runtimeOf(t, 'raspberry-pi');
    for (const plugin of ['dht22', 'bme680']) {
      await assert.rejects(runtime.poll(plugin), { code: 'HARDWARE_MISSING' });
      await assert.rejects(runtime.poll(plugin), { code: 'HARDWARE_MISSING' });
    }
    const outcome = await runtime.poll('pi_monitor');
    assert.ok(outcome.kind === 'polled' && Number(outcome.readings[0]?.values['memoryTotalMb']) > 0);
    for (const said of [
      /no GPIO controller of a Raspberry Pi/,
      /I²C bus 1 is not there.*raspi-config/,
      /SPI device 0\.0 is not there.*raspi-config/,
      /dtoverlay=dht11,gpiopin=4/,
      /no thermal zone/,
    ]) {
      const times = log.filter(({ plugin, text }) => plugin === undefined && said.test(text)).length;
      assert.equal(times, 1, `${said}: ${warnings().join('\n')}`);
    }
    const plugins = log.filter(({ plugin, text }) => plugin !== undefined && /read failed/.test(text));
    assert.deepEqual(plugins.map(({ plugin }) => plugin).sort(), ['bme680', 'dht22'], 'of two polls each');
    await runtime.close();
    assert.deepEqual(
      log.filter(({ text }) => /works again/.test(text)),
      [],
    );
  });
});
