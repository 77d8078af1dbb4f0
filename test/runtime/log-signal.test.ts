import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogLine } from '../../src/readings/log-lines';
import { LogSignal } from '../../src/runtime/log-signal';

const line = (plugin?: string): LogLine => ({
  at: 1,
  level: 'info',
  text: 'hello',
  ...(plugin === undefined ? {} : { plugin }),
});

describe('lines of the log', () => {
  it('are told together, as the names of whom they are about', (context) => {
    const timers: (() => void)[] = [];
    context.mock.method(globalThis, 'setTimeout', (then: () => void) => {
      timers.push(then);
      return { unref: () => 'a timer' };
    });
    const told: (readonly string[])[] = [];
    const signal = new LogSignal((plugins) => told.push(plugins));
    for (let count = 0; count < 50; count += 1) signal.heard(line('dht22'));
    signal.heard(line());
    assert.equal(timers.length, 1);
    timers[0]?.();
    assert.deepEqual(told, [['dht22', '']]);
    signal.heard(line('bme680'));
    timers[1]?.();
    assert.deepEqual(told[1], ['bme680']);
  });

  it('are told to nobody once it is closed', async (context) => {
    const timers: (() => void)[] = [];
    context.mock.method(globalThis, 'setTimeout', (then: () => void) => {
      timers.push(then);
      return { unref: () => undefined };
    });
    const told: unknown[] = [];
    const signal = new LogSignal((plugins) => told.push(plugins));
    signal.close();
    signal.heard(line());
    assert.deepEqual([timers.length, told.length], [0, 0]);
  });
});
