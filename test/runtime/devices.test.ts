import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { TestRuntime } from './test-runtime';

/** How long Node-RED's loop stands still: many times what a poll of this plugin takes. */
const BLOCKED_MS = 2_000;

describe('a guest that asks a device', () => {
  promise("is answered while Node-RED's loop does not turn at all", async (t) => {
    const host = await TestRuntime.open(t, '');
    await host.runtime.poll('pi_monitor');
    let resumedAt = 0;
    const stop = host.runtime.subscribe((event) => {
      if (event.kind !== 'plugin' || event.summary.name !== 'pi_monitor' || event.summary.state !== 'polling') return;
      stop();
      // After the call was handed to the guest, which takes promises, before any event can happen in this thread.
      process.nextTick(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS);
        resumedAt = Date.now();
      });
    });
    const outcome = await host.runtime.poll('pi_monitor');
    assert.ok(outcome.kind === 'polled' && resumedAt > 0);
    const [reading] = outcome.readings;
    assert.ok(reading && reading.timestamp < resumedAt, 'the guest had read its devices before the loop turned again');
  });
});
