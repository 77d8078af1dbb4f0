import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallTimes } from '../../src/plugin-host/call-times';

function latencyOf(...times: readonly number[]) {
  const kept = new CallTimes();
  for (const ms of times) kept.add(ms);
  return kept.latency();
}

describe('the latency of a plugin', () => {
  it('is unknown before its first call', () => assert.equal(latencyOf(), undefined));

  it('is that of its last call, the median and the longest', () => {
    assert.deepEqual(latencyOf(3), { lastMs: 3, medianMs: 3, longestMs: 3 });
    assert.deepEqual(latencyOf(10, 2), { lastMs: 2, medianMs: 6, longestMs: 10 });
    assert.deepEqual(latencyOf(9, 1, 5.004), { lastMs: 5, medianMs: 5, longestMs: 9 });
    assert.deepEqual(latencyOf(4, 1, 2, 3), { lastMs: 3, medianMs: 2.5, longestMs: 4 });
  });

  it('is beside how many calls there were and how long all of them took, which forgets nothing', () => {
    const kept = new CallTimes();
    for (let call = 0; call < 100; call += 1) kept.add(2);
    assert.deepEqual([kept.calls, kept.callMs], [100, 200]);
  });

  it('forgets what was more than 64 calls ago', () => {
    assert.deepEqual(latencyOf(500, ...Array.from({ length: 63 }, () => 1))?.longestMs, 500);
    assert.deepEqual(latencyOf(500, ...Array.from({ length: 64 }, () => 1))?.longestMs, 1);
  });
});
