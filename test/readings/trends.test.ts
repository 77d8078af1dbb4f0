import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR_MS, MINUTE_MS } from '../../src/readings/hours';
import { MinuteHistory } from '../../src/readings/minute-history';
import { ReadingsStore } from '../../src/readings/readings-store';
import { TREND_POINTS, type Trend } from '../../src/readings/trend';
import { Trends } from '../../src/readings/trends';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

const START = '2026-11-24T15:10:00Z';

class Room {
  readonly clock = new SetClock(START);
  readonly store = new ReadingsStore((error) => assert.fail(String(error)), this.clock.now);
  readonly minutes = new MinuteHistory((text) => assert.fail(text), this.clock);
  readonly trends = new Trends(this.store, this.minutes);

  /** One value now, and then so many ms pass. */
  add(temperature: number, ms: number): void {
    const readings = [readingOf({ timestamp: 1, values: { temperature, state: 'ok' } })];
    this.store.add(readings);
    this.minutes.add(readings);
    this.clock.pass(ms);
  }

  trend(field = 'temperature'): Trend | undefined {
    return this.trends.of(this.store.latest()[0] ?? readingOf(), field);
  }
}

describe('the trend of a number', () => {
  it('is nothing until there are two values, and of what is no number', () => {
    const room = new Room();
    assert.equal(room.trend(), undefined);
    room.add(20, 5_000);
    assert.equal(room.trend(), undefined);
    room.add(21, 5_000);
    assert.equal(room.trend()?.points.length, 2);
    assert.equal(room.trend('state'), undefined);
    assert.equal(room.trend('constructor'), undefined);
  });

  it('is of single values at first, when they came by the clock of the host', () => {
    const room = new Room();
    const start = room.clock.now();
    for (const value of [20, 22, 21]) room.add(value, 5_000);
    assert.deepEqual(room.trend(), {
      points: [
        [start, 20],
        [start + 5_000, 22],
        [start + 10_000, 21],
      ],
      min: 20,
      max: 22,
      since: start,
    });
  });

  it('is never longer than its bound, and ends with what came last', () => {
    const room = new Room();
    for (let at = 0; at < 200; at++) room.add(at, 5_000);
    const { points = [], min, max } = room.trend() ?? {};
    assert.ok(points.length > TREND_POINTS / 2 && points.length <= TREND_POINTS, `${points.length} points`);
    assert.equal(points.at(-1)?.[0], room.clock.now() - 5_000);
    assert.deepEqual([min, max], [0, 199]);
  });

  it('is of the last three hours then, with the extremes of all that is kept', () => {
    const room = new Room();
    const start = room.clock.now();
    room.add(-30, MINUTE_MS);
    room.add(50, MINUTE_MS);
    for (let minute = 2; minute < 10 * 60; minute++) room.add(20 + (minute % 3), MINUTE_MS);
    const { points = [], min, max, since } = room.trend() ?? {};
    assert.deepEqual([min, max, since], [-30, 50, start]);
    assert.equal(points.length, TREND_POINTS);
    assert.ok((points[0]?.[0] ?? 0) >= room.clock.now() - 3 * HOUR_MS);
    assert.ok(points.every(([at], index) => index === 0 || at > (points[index - 1]?.[0] ?? 0)));
    assert.deepEqual(new Set(points.slice(0, -1).map(([, value]) => value)), new Set([21]), 'means of whole slots');
  });

  it('has no values from before the clock was set back', () => {
    const room = new Room();
    room.add(90, 5_000);
    room.add(91, 5_000);
    room.clock.set('2026-11-24T15:00:00Z');
    const start = room.clock.now();
    room.add(20, 5_000);
    assert.equal(room.trend(), undefined);
    room.add(21, 5_000);
    assert.deepEqual(room.trend()?.points, [
      [start, 20],
      [start + 5_000, 21],
    ]);
    assert.equal(room.trend()?.max, 21);
  });

  it('of a sensor that fell silent ends after three hours', () => {
    const room = new Room();
    for (let at = 0; at < 30; at++) room.add(20, MINUTE_MS);
    room.clock.pass(HOUR_MS);
    assert.ok(room.trend());
    room.clock.pass(2 * HOUR_MS);
    assert.equal(room.trend(), undefined);
  });

  it('knows the extremes of what has just come, and draws the same line as long as the minute lasts', () => {
    const room = new Room();
    for (let at = 0; at < 60; at++) room.add(20, MINUTE_MS);
    room.add(20, 1_000);
    const before = room.trend();
    room.add(35, 1_000);
    const after = room.trend();
    assert.deepEqual([before?.max, after?.max], [20, 35]);
    assert.equal(after?.points, before?.points);
    room.clock.pass(MINUTE_MS);
    assert.ok(Number(room.trend()?.points.at(-1)?.[1]) > 20);
  });
});
