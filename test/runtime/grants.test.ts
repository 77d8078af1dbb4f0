import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { promise } from '../support/promise';
import { fromText, scratchFolder } from '../wasm/components';
import { onlyBundled } from './bundled';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

async function refusal(poll: Promise<unknown>): Promise<string> {
  try {
    await poll;
  } catch (error) {
    assert.ok(error instanceof WasiError, String(error));
    assert.equal(error.code, 'CAPABILITY_DENIED');
    return error.message;
  }
  return assert.fail('the plugin was not refused');
}

async function linesOf(host: TestRuntime, plugin: string): Promise<string> {
  const message = await refusal(host.runtime.poll(plugin));
  const [, lines = ''] = message.split('add these lines at the end of host.toml:\n');
  assert.match(lines, new RegExp(`^\\[plugins\\.${plugin}\\.grants\\]\n`));
  return lines;
}

/** The world's BME680 is where the example line of a refusal has it. */
const SENSOR_AT_0X76 = '[sensors.bme680]\ni2c_address = "0x76"\n';

const GUESTS = [
  { guest: 'i2c_reader', names: ['edge:plugin/i2c@1.0.0'], settings: '[plugins.mine.settings]\naddress = "0x76"\n' },
  { guest: 'demo_0_1_0', names: ['demo:plugin/buzzer-controller@0.1.0'], settings: '' },
  {
    guest: 'demo_0_2_0_pi',
    names: ['demo:plugin/system-info@0.2.0', 'demo:plugin/fan-controller@0.2.0'],
    settings: '',
  },
];

describe('a plugin that imports more than it was granted', () => {
  for (const { guest, names, settings } of GUESTS) {
    promise(`(${guest}) is refused, and the lines it is refused with let it run`, async (t) => {
      const toml = `${NONE_BUNDLED}${SENSOR_AT_0X76}${settings}`;
      const host = await TestRuntime.open(t, toml, { mine: guest });
      const message = await refusal(host.runtime.poll('mine'));
      for (const name of names) assert.ok(message.includes(name), message);
      const granted = await TestRuntime.open(t, `${toml}${await linesOf(host, 'mine')}`, { mine: guest });
      const outcome = await granted.runtime.poll('mine');
      assert.equal(outcome.kind, 'polled');
    });
  }

  promise('keeps what its tables imply when it is given what it was refused', async (t) => {
    const host = await TestRuntime.open(t, onlyBundled('bme680'), { bme680: 'demo_0_2_0' });
    const granted = await TestRuntime.open(t, `${onlyBundled('bme680')}${await linesOf(host, 'bme680')}`, {
      bme680: 'demo_0_2_0',
    });
    assert.ok('pressure' in (await granted.poll('bme680')));
  });

  promise('is refused once in the log, however often it is polled', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { mine: 'i2c_reader' });
    for (let poll = 1; poll <= 3; poll += 1) await refusal(host.runtime.poll('mine'));
    assert.ok(host.logged('error', /CAPABILITY_DENIED/).length <= 1);
    assert.equal(host.plugin('mine').lastError?.code, 'CAPABILITY_DENIED');
  });

  promise('reaches no address but the granted one', async (t) => {
    const toml = `${NONE_BUNDLED}[plugins.mine.settings]\naddress = "0x77"\n[plugins.mine.grants]\ni2c = ["0x76"]\n`;
    const host = await TestRuntime.open(t, toml, { mine: 'i2c_reader' });
    await assert.rejects(host.runtime.poll('mine'), {
      code: 'PLUGIN_ERROR',
      message: /denied: .*i2c = \["0x77"\].*\[plugins\.mine\.grants\]/,
    });
    const granted = await TestRuntime.open(t, toml.replace('"0x76"', '"0x77"'), { mine: 'i2c_reader' });
    assert.deepEqual(await granted.poll('mine'), { register: 0x61 });
  });

  promise('loses what its tables imply as soon as it has a grants table of its own', async (t) => {
    const host = await TestRuntime.open(t, `${onlyBundled('bme680')}[plugins.bme680.grants]\ni2c = ["0x77"]`);
    assert.match(await refusal(host.runtime.poll('bme680')), /i2c = \["0x77"\]\nstate_store = true/);
  });
});

/** Component fields, of which jco makes 300 core modules: more than are prepared. */
const TOO_MANY = '(core module)'.repeat(300);

describe('what a plugin must not import', () => {
  for (const [what, component, code] of [
    ['an interface that nobody grants', '(import "wasi:http/types@0.2.0" (instance))', 'CAPABILITY_DENIED'],
    ['one that was not granted', '(import "edge:plugin/i2c@1.0.0" (instance))', 'CAPABILITY_DENIED'],
    ['nothing, while it exports no logic', '', 'PLUGIN_INVALID'],
  ] as const) {
    promise(`(${what}) is said before any of it is translated, and nothing of it is kept`, async (t) => {
      const userDir = scratchFolder(t);
      mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
      const host = await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir });
      host.renameIn('mine', await fromText(`(component ${component} ${TOO_MANY})`));
      await assert.rejects(host.runtime.poll('mine'), { code, message: /^mine: it (?:imports |exports nothing)/ });
      assert.deepEqual(existsSync(join(userDir, 'wasi', 'prepared', 'components')), false);
    });
  }
});

describe('a plugin that no line of host.toml could let run', () => {
  const SENSOR = '(export "edge:plugin/sensor-logic@1.0.0" (instance $logic))';
  const importing = (name: string, logic = SENSOR) =>
    fromText(`(component
      (import "${name}" (instance (export "f" (func (result u32)))))
      (core module $m (func (export "poll") (result i32) i32.const 1))
      (core instance $i (instantiate $m))
      (func $poll (result u32) (canon lift (core func $i "poll")))
      (instance $logic (export "poll" (func $poll)))
      ${logic})`);

  for (const [name, remedy] of [
    [
      'wasi:http/outgoing-handler@0.2.0',
      /Nothing in host\.toml can grant wasi:http\/outgoing-handler@0\.2\.0: build the plugin for a world of edge:plugin@1\.0\.0 \(wit\/worlds\.wit of this package\), e\.g\. sensor-plugin/,
    ],
    ['wasi:keyvalue/store@0.2.0', /sensor-plugin/],
    ['wasi:cli/stdout@0.3.0', /speaks wasi:cli 0\.2\.x only.*wasm32-wasip2/],
    ['wasi:random/random@0.3.0-rc.1', /speaks wasi:random 0\.2\.x only/],
    [
      'edge:plugin/settings@2.0.0',
      /speaks edge:plugin 1\.x only: build the plugin again, for a world of edge:plugin@1\.0\.0/,
    ],
    ['demo:plugin/led-controller@0.3.0', /speaks demo:plugin 0\.1\.x and 0\.2\.x only/],
  ] as const) {
    promise(`(it imports ${name}) is refused by that name, with what to build instead`, async (t) => {
      const host = await TestRuntime.open(t, NONE_BUNDLED);
      host.renameIn('mine', await importing(name));
      const message = await refusal(host.runtime.poll('mine'));
      assert.ok(message.startsWith(`mine: it imports ${name}, `), message);
      assert.match(message, remedy);
      assert.doesNotMatch(message, /of host\.toml:|with these lines/);
    });
  }

  promise(
    '(it exports another version of its logic) is refused by that name, with what to build instead',
    async (t) => {
      const host = await TestRuntime.open(t, NONE_BUNDLED);
      host.renameIn('mine', await importing('edge:plugin/types@1.0.0', SENSOR.replace('@1.0.0', '@2.0.0')));
      await assert.rejects(host.runtime.poll('mine'), {
        code: 'PLUGIN_INVALID',
        message: /^mine: it exports edge:plugin\/sensor-logic@2\.0\.0, and this package speaks edge:plugin 1\.x only/,
      });
    },
  );
});

describe('settings of host.toml', () => {
  promise('reach the guest, numbers as text', async (t) => {
    const toml = `${NONE_BUNDLED}[plugins.mine.settings]\nfault = "error"\nfault_at = 2`;
    const host = await TestRuntime.open(t, toml, { mine: 'faults' });
    assert.deepEqual(await host.poll('mine'), { count: 1 });
    await assert.rejects(host.poll('mine'), { code: 'PLUGIN_ERROR' });
  });

  promise('sound the alarm of the DHT22 when the room is too hot, and only then', async (t) => {
    const tooLong = `${onlyBundled('dht22')}[plugins.dht22.settings]\nbeep_count = 200\n[simulation]\ndht22_temperature = `;
    const shortened = /beep pattern was shortened/;
    const hot = await TestRuntime.open(t, `${tooLong}31`);
    await hot.poll('dht22');
    assert.equal((await hot.runtime.syncLeds()).leds[1], '#ff0000');
    assert.equal(hot.logged('warn', shortened).length, 1, 'it beeped, longer than anybody may');
    const cool = await TestRuntime.open(t, `${tooLong}29`);
    await cool.poll('dht22');
    assert.equal((await cool.runtime.syncLeds()).leds[1], '#00ff00');
    assert.deepEqual(cool.logged('warn', shortened), []);
  });
});
