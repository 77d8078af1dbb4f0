import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HourMinutes } from '../../src/readings/hour-minutes';
import { HOUR_MS, MINUTE_MS } from '../../src/readings/hours';

const one = (value: number) => ({ min: value, max: value, mean: value, count: 1 });

describe('the extremes of an hour', () => {
  it('are those of what it has, since its first minute, however often they are asked for', () => {
    const hour = new HourMinutes(7);
    assert.equal(hour.range(), undefined);
    hour.add(30, one(5));
    assert.deepEqual(hour.range(), { min: 5, max: 5, since: 7 * HOUR_MS + 30 * MINUTE_MS });
    hour.add(10, { min: -2, max: 9, mean: 3, count: 4 });
    assert.deepEqual(hour.range(), { min: -2, max: 9, since: 7 * HOUR_MS + 10 * MINUTE_MS });
    hour.clear(10);
    assert.deepEqual([hour.range()?.min, hour.range()?.max], [5, 5]);
    assert.equal(hour.rangeUntil(29), undefined);
  });
});
