/**
 * The trends of all fields, remembered for the minute that goes on: they are asked for at every render, and a guest may have
 * a thousand fields. What came since widens the extremes at once, and the line when the minute is over.
 */
import type { FieldMinutes } from './field-minutes';
import { minuteOf } from './hours';
import type { MinuteHistory } from './minute-history';
import type { Reading } from './reading';
import type { ReadingsStore } from './readings-store';
import type { Trend } from './trend';
import { trendOfArrivals, trendOfMinutes } from './trend-of';

interface Remembered {
  readonly minute: number;
  readonly trend: Trend | undefined;
}

export class Trends {
  readonly #remembered = new WeakMap<FieldMinutes, Remembered>();

  constructor(
    readonly readings: ReadingsStore,
    readonly minutes: MinuteHistory,
  ) {}

  /** `reading`: the newest one of its sensor. */
  of(reading: Reading, field: string): Trend | undefined {
    const { node, plugin, sensorId } = reading;
    const now = this.minutes.clock.now();
    const known = this.minutes.find({ node, plugin, sensorId, field });
    const value = Object.hasOwn(reading.values, field) ? reading.values[field] : undefined;
    const trend = known && this.#ofMinutes(known, now);
    return trend ? widened(trend, value) : trendOfArrivals(known, this.readings.arrivals(reading, field), now);
  }

  #ofMinutes(field: FieldMinutes, now: number): Trend | undefined {
    const remembered = this.#remembered.get(field);
    if (remembered?.minute === minuteOf(now)) return remembered.trend;
    const trend = trendOfMinutes(field, now);
    this.#remembered.set(field, { minute: minuteOf(now), trend });
    return trend;
  }
}

function widened(trend: Trend, value: unknown): Trend {
  if (typeof value !== 'number' || !Number.isFinite(value)) return trend;
  return { ...trend, min: Math.min(trend.min, value), max: Math.max(trend.max, value) };
}
