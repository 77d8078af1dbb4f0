/**
 * The whole runtime on a RevPi: found by its driver, configured as /etc/revpi says, its variables read and written by a
 * plugin in Python (plugins/revpi_io) under grants, with the sensor plugins off, as on a hub without sensors.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { openRuntime } from '../../../src/runtime/open-runtime';
import type { LogLine } from '../../../src/runtime-api/runtime-api';
import { bundledPlugin } from '../../wasm/components';
import { PREPARED_EXAMPLE } from '../prepared-example';
import { CONFIG_FILE, revPiWire } from './revpi-wire';

const TANK_LEVEL = 13;
const DIO_OUTPUTS = 172;
const LEDS = 11;

const HUB = `[leds]
count = 6
[plugins.dht22]
enabled = false
[plugins.bme680]
enabled = false
[plugins.pi_monitor]
led = 5
[plugins.dashboard]
enabled = false
`;

const IO = `${HUB}[plugins.revpi_io]
leds = [0, 1, 2, 3, 4]
[plugins.revpi_io.grants]
process_image = { read = ["Tank_Level", "Pump"], write = ["Pump"] }
[plugins.revpi_io.settings]
input = "Tank_Level"
output = "Pump"
metric = "level"
unit = "%"
raw_min = 4000
raw_max = 20000
raw_slack = 200
value_min = 0
value_max = 100
on_at = 80
off_at = 60
`;

const userDir = mkdtempSync(join(tmpdir(), 'user-'));

async function runtimeOf(t: TestContext, configText: string) {
  const log: LogLine[] = [];
  const runtime = await openRuntime({
    configSource: 'inline',
    configFile: '',
    configText,
    pluginDir: '',
    hardware: 'auto',
    userDir,
    log: (line) => log.push(line),
  });
  t.after(() => runtime.close());
  const troubles = () => log.filter(({ level }) => level === 'warn' || level === 'error').map(({ text }) => text);
  return { runtime, troubles };
}

function level(raw: number): void {
  revPiWire.poke(TANK_LEVEL, Uint8Array.of(raw & 0xff, raw >> 8));
}

before(() => {
  cpSync('/etc', '/tmp/etc', { recursive: true, verbatimSymlinks: true });
  mkdirSync('/tmp/etc/revpi', { recursive: true });
  copyFileSync(CONFIG_FILE, '/tmp/etc/revpi/config.rsc');
  execFileSync('mount', ['--bind', '/tmp/etc', '/etc']);
  mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
  symlinkSync(PREPARED_EXAMPLE, join(userDir, 'wasi', 'prepared'));
  copyFileSync(bundledPlugin('revpi_io'), join(userDir, 'wasi', 'plugins', 'revpi_io.wasm'));
});
after(() => {
  execFileSync('umount', ['/etc']);
});
beforeEach(() => revPiWire.plug());
afterEach(() => revPiWire.unplug());

describe('a runtime on a RevPi', () => {
  it('without sensors starts without a word, and tells its own temperature', async (t) => {
    revPiWire.poke(0, Uint8Array.of(1, 0, 0, 0, 47));
    const { runtime, troubles } = await runtimeOf(t, HUB);
    assert.equal(runtime.hardware.kind, 'revpi');
    const { readings, failures } = await runtime.pollAll();
    assert.deepEqual(failures, []);
    assert.deepEqual(
      readings.map(({ plugin, values }) => [plugin, values['cpuTemp']]),
      [['pi_monitor', 47]],
    );
    await runtime.syncLeds();
    assert.deepEqual(revPiWire.peek(LEDS, 2), [0, 0], 'the sixth LED is nowhere');
    assert.deepEqual(troubles(), []);
  });

  it('gives a plugin the variables it was granted: it scales, switches and shows', async (t) => {
    level(12_000);
    const { runtime, troubles } = await runtimeOf(t, IO);
    const poll = async () => {
      const outcome = await runtime.poll('revpi_io');
      return outcome.kind === 'polled' ? { ...outcome.readings[0]?.values } : outcome.kind;
    };
    assert.deepEqual(await poll(), { level: 50, raw: 12_000, output: 0, fault: 0 });
    const before = revPiWire.counts();
    level(18_000);
    assert.deepEqual(await poll(), { level: 87.5, raw: 18_000, output: 1, fault: 0 });
    assert.deepEqual(revPiWire.peek(DIO_OUTPUTS, 1), [1]);
    await runtime.syncLeds();
    // A1 yellow, A2 to A4 blue.
    assert.deepEqual(revPiWire.peek(LEDS, 2), [0b00100011, 0b00001001]);
    const once = revPiWire.counts();
    assert.deepEqual([once.writes - before.writes, once.bits - before.bits], [1, 1]);
    level(14_000);
    assert.deepEqual(await poll(), { level: 62.5, raw: 14_000, output: 1, fault: 0 });
    level(13_000);
    assert.equal(Object(await poll()).output, 0);
    level(0);
    assert.deepEqual(await poll(), { raw: 0, output: 0, fault: 1 });
    assert.deepEqual(revPiWire.peek(DIO_OUTPUTS, 1), [0]);
    revPiWire.aio('offline');
    await assert.rejects(runtime.poll('revpi_io'), {
      code: 'HARDWARE_IO',
      message: /Tank_Level: RevPi AIO \(position 32\) is offline/,
    });
    assert.deepEqual(troubles(), []);
    await runtime.close();
    assert.deepEqual(revPiWire.peek(LEDS, 2), [0, 0]);
  });

  it('refuses a variable and a direction that were not granted, and an input that is granted to be written', async (t) => {
    level(18_000);
    const asked = (plugin: string, from: string, to: string) =>
      IO.slice(HUB.length).replaceAll('revpi_io', plugin).replace('leds = [0, 1, 2, 3, 4]\n', '').replaceAll(from, to);
    const plugins = {
      reader: asked('reader', 'input = "Tank_Level"', 'input = "InputValue_2"'),
      writer: asked('writer', 'write = ["Pump"]', 'write = ["Alarm"]'),
      mistaken: asked('mistaken', '"Pump"', '"Pump_Running"'),
    };
    for (const plugin of Object.keys(plugins)) {
      copyFileSync(bundledPlugin('revpi_io'), join(userDir, 'wasi', 'plugins', `${plugin}.wasm`));
    }
    const { runtime } = await runtimeOf(t, `${HUB}${Object.values(plugins).join('')}`);
    const line = (direction: string, name: string, plugin: string) =>
      new RegExp(
        `to ${direction} "${name}" is not granted to ${plugin}: set .process_image = \\{.* ${direction} = \\[[^\\]]*"${name}"\\]`,
      );
    for (const [plugin, code, message] of [
      ['reader', 'PLUGIN_ERROR', line('read', 'InputValue_2', 'reader')],
      ['writer', 'PLUGIN_ERROR', line('write', 'Pump', 'writer')],
      ['mistaken', 'HARDWARE_IO', /Pump_Running is an input of RevPi DIO and cannot be written/],
    ] as const) {
      await assert.rejects(runtime.poll(plugin), { code, message });
    }
    assert.deepEqual(revPiWire.peek(DIO_OUTPUTS, 2), [0, 0]);
  });
});
