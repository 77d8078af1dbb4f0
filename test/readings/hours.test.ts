import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR_MS, hourName, hourOf, hourOfName, KEPT_HOURS, keptHours, MAX_HOURS } from '../../src/readings/hours';

const NOW = Date.parse('2026-11-24T15:10Z');
const CURRENT = hourOf(NOW);
const hoursFrom = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

describe('the hours that are kept', () => {
  it('are those that the last 24 hours touch', () => {
    const known = hoursFrom(CURRENT - 40, 41);
    assert.deepEqual(keptHours(known, NOW), hoursFrom(CURRENT - KEPT_HOURS, MAX_HOURS));
  });

  it('are those that lie ahead too, as the clock may be the one that is wrong', () => {
    const before = hoursFrom(CURRENT - KEPT_HOURS, KEPT_HOURS);
    assert.deepEqual(keptHours(before, 0), before);
  });

  it('are never more than the bound: of what lies ahead the oldest make room', () => {
    const ahead = hoursFrom(CURRENT - KEPT_HOURS, MAX_HOURS);
    assert.deepEqual(keptHours([0, ...ahead], 0), [0, ...ahead.slice(1)]);
    assert.deepEqual(keptHours([...hoursFrom(CURRENT + 1, 40), CURRENT], NOW), [
      CURRENT,
      ...hoursFrom(CURRENT + 17, KEPT_HOURS),
    ]);
  });
});

describe('the name of an hour', () => {
  for (const hour of [0, CURRENT, Math.floor(8.64e15 / HOUR_MS)]) {
    it(`${hourName(hour)} is read as what it names`, () => assert.equal(hourOfName(hourName(hour)), hour));
  }

  for (const name of [
    '',
    '2026-11-24',
    '2026-11-24T24',
    '2026-02-30T01',
    '2026-11-24T15:00',
    '26-11-24T15',
    '../T15',
  ]) {
    it(`is not "${name}"`, () => assert.equal(hourOfName(name), undefined));
  }
});
