/** How often a sensor is read, as the runtime tells it. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

describe('how often a sensor is read', () => {
  promise('is told from its fourth reading on', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' });
    const told: (number | undefined)[] = [];
    for (let poll = 1; poll <= 5; poll += 1) {
      await host.poll('counter');
      const [reading] = host.runtime.latestReadings();
      assert.ok(reading);
      told.push(host.runtime.usualInterval(reading));
      // Readings of one millisecond came together.
      const { timestamp } = reading;
      while (Date.now() <= timestamp) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(told.slice(0, 3), [undefined, undefined, undefined]);
    assert.ok(told.slice(3).every((interval) => interval !== undefined && interval > 0));
  });
});
