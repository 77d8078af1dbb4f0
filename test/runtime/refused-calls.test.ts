import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { healthAnswer } from '../../src/dashboard/api';
import { metricsAnswer } from '../dashboard/whole';
import { call, sensor } from '../hostile/wat';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const SET_LED = call(
  'set',
  'edge:plugin/led-controller@1.0.0',
  'set-led',
  '(param "index" u8) (param "r" u8) (param "g" u8) (param "b" u8)',
  '(param i32 i32 i32 i32)',
);

const factsOf = ({ runtime: { hardware } }: TestRuntime) => ({ version: '1.2.3', node: 'pi4', hardware });

describe('refused calls of a plugin', () => {
  promise('count in polls that succeed, that return an error and that crash', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { mine: 'lights' });
    const counts: number[] = [];
    for (let poll = 1; poll <= 4; poll += 1) {
      await host.runtime.poll('mine').catch(() => undefined);
      counts.push(host.plugin('mine').refusedCalls);
    }
    assert.deepEqual(counts, [2, 3, 5, 6]);
    assert.equal(host.plugin('mine').lastError?.code, 'PLUGIN_TRAPPED');
    assert.ok(healthAnswer(host.runtime.plugins()).body.includes('"refusedCalls":6'));
    assert.match(
      metricsAnswer({ readings: [], plugins: host.runtime.plugins(), runtime: factsOf(host) }).body,
      /wasi_plugin_refused_calls_total\{plugin="mine"\} 6\n/,
    );
  });

  promise('count where the guest is stopped in mid-call, too', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.mine.limits]\ndeadline_ms = 300\n`);
    const darken = '(call $set (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))';
    host.renameIn(
      'mine',
      await sensor({ calls: [SET_LED], poll: `${darken.repeat(3)} (loop $l (br $l)) (i32.const 1)` }),
    );
    for (const count of [3, 6]) {
      await assert.rejects(host.runtime.poll('mine'), { code: 'PLUGIN_DEADLINE' });
      assert.equal(host.plugin('mine').refusedCalls, count);
    }
    assert.match(
      metricsAnswer({ readings: [], plugins: host.runtime.plugins(), runtime: factsOf(host) }).body,
      /wasi_plugin_refused_calls_total\{plugin="mine"\} 6\n/,
    );
    assert.ok(healthAnswer(host.runtime.plugins()).body.includes('"refusedCalls":6'));
  });

  promise('are warned of once, under the plugin’s name, and change no LED', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.mine]\nled = 0`, { mine: 'lights' });
    await host.poll('mine');
    await host.runtime.poll('mine').catch(() => undefined);
    await host.poll('mine');
    const warned = host.log.filter(({ level, plugin }) => level === 'warn' && plugin === 'mine');
    assert.equal(warned.length, 1);
    assert.match(warned[0]?.text ?? '', /set-led on LED 1 was dropped.*`leds = \[0, 1\]`/);
    assert.deepEqual((await host.runtime.syncLeds()).leds.slice(0, 2), ['#030000', '#000000']);
  });

  promise('are warned of with the line that lets the next start make them', async (t) => {
    const toml = `${NONE_BUNDLED}[plugins.mine.settings]\naddress = "0x77"\n[plugins.mine.grants]\n`;
    const host = await TestRuntime.open(t, `${toml}i2c = ["0x76"]`, { mine: 'i2c_reader' });
    await assert.rejects(host.poll('mine'), { code: 'PLUGIN_ERROR' });
    assert.equal(host.plugin('mine').refusedCalls, 1);
    const [, line = ''] =
      /set `(.*?)` below \[plugins\.mine\.grants\]/.exec(host.logged('warn', /not granted/)[0] ?? '') ?? [];
    const granted = await TestRuntime.open(t, `${toml}${line}`, { mine: 'i2c_reader' });
    assert.deepEqual(await granted.poll('mine'), { register: 0x61 });
    assert.equal(granted.plugin('mine').refusedCalls, 0);
  });
});
