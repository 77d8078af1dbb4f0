import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoffMs } from '../../src/platform/backoff';

describe('the backoff', () => {
  it('doubles with each failure, up to its limit', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((failures) => backoffMs({ firstMs: 1_000, maxMs: 10_000 }, failures));
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('stays a number however often something failed', () => {
    assert.equal(backoffMs({ firstMs: 1, maxMs: 60_000 }, 1e9), 60_000);
    assert.equal(backoffMs({ firstMs: 5_000, maxMs: 60_000 }, 0), 5_000);
  });
});
