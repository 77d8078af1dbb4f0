import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planRestart } from '../../src/hardware/restart-delay';

describe('a device thread that keeps dying', () => {
  it('is restarted after 1 s, then twice as long each time, up to 30 s', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 60].map((deathsBefore) => planRestart(deathsBefore, 100).delayMs);
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is forgiven once it lived for a minute', () => {
    assert.deepEqual(planRestart(5, 59_999), { deaths: 6, delayMs: 30_000 });
    assert.deepEqual(planRestart(5, 60_000), { deaths: 1, delayMs: 1_000 });
  });
});
