import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBucket } from '../../src/platform/token-bucket';

function bucket(capacity: number, perSecond: number) {
  const clock = { ms: 0 };
  return { clock, tokens: new TokenBucket(capacity, perSecond, () => clock.ms) };
}

describe('a token bucket', () => {
  it('gives what it holds at once, and then what time brings', () => {
    const { clock, tokens } = bucket(2, 10);
    assert.deepEqual([tokens.take(), tokens.take(), tokens.take()], [true, true, false]);
    clock.ms = 99;
    assert.equal(tokens.take(), false);
    clock.ms = 100;
    assert.equal(tokens.take(), true);
  });

  it('never holds more than its capacity', () => {
    const { clock, tokens } = bucket(2, 10);
    clock.ms = 60_000;
    tokens.add(5);
    assert.deepEqual([tokens.take(2), tokens.take()], [true, false]);
  });

  it('gives all of what is requested or nothing', () => {
    const { tokens } = bucket(3, 1);
    assert.deepEqual([tokens.take(4), tokens.take(3)], [false, true]);
  });

  it('lends, and says when what was lent is there', () => {
    const { clock, tokens } = bucket(100, 50);
    assert.equal(tokens.borrow(100), 0);
    assert.equal(tokens.borrow(25), 500);
    clock.ms = 500;
    assert.equal(tokens.borrow(0), 0);
    assert.equal(tokens.take(), false);
  });
});
