import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MINUTE_MS } from '../../src/readings/hours';
import { SETTLED_AFTER_MS, SettledClock } from '../../src/readings/settled-clock';
import { SetClock } from './set-clock';

describe('a clock', () => {
  it('is believed once it has gone on for ten minutes without a jump; corrections are none', () => {
    const clock = new SetClock('2026-11-24T15:00Z');
    const settled = new SettledClock();
    const isSettled = () => settled.isSettled(clock.now(), clock.monotonic());
    assert.equal(isSettled(), false);
    clock.pass(SETTLED_AFTER_MS - 1);
    assert.equal(isSettled(), false);
    clock.pass(1);
    assert.equal(isSettled(), true);
    clock.set('2026-11-24T15:10:50Z');
    assert.equal(isSettled(), true);
    clock.set('2099-01-01T00:00Z');
    assert.equal(isSettled(), false);
    clock.pass(5 * MINUTE_MS);
    clock.set('2026-11-24T15:16Z');
    assert.equal(isSettled(), false);
    clock.pass(SETTLED_AFTER_MS);
    assert.equal(isSettled(), true);
  });
});
