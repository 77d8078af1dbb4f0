import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualIntervalMs } from '../../src/dashboard/usual-interval';

const every = (ms: number, count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at * ms);

describe('how often a sensor is read', () => {
  it('is known from its second reading on', () => {
    assert.equal(usualIntervalMs([]), undefined);
    assert.equal(usualIntervalMs([1_000]), undefined);
    assert.equal(usualIntervalMs([1_000, 601_000]), 600_000);
  });

  it('is not changed by a poll by hand, nor by one that failed', () => {
    assert.equal(usualIntervalMs([0, 5_000, 10_000, 10_300, 15_000, 20_000, 30_000, 35_000]), 5_000);
  });

  it('is the new one soon after it was changed', () => {
    assert.equal(usualIntervalMs([...every(5_000, 200), ...every(60_000, 6, 1_055_000)]), 60_000);
  });

  it('survives a clock that was set', () => {
    assert.equal(usualIntervalMs([10_000, 15_000, 20_000, 3_000, 8_000, 1e12, 1e12 + 5_000]), 5_000);
    assert.equal(usualIntervalMs([10_000, 3_000]), undefined);
  });
});
