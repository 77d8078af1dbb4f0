/**
 * One hour of one number by the minute: lowest, highest and mean value and how many there were. 1920 bytes, allocated
 * when the first value of the hour comes, so that a fresh start costs little and a sensor that fell silent nothing more.
 */
import { HOUR_MS, MINUTE_MS, MINUTES_PER_HOUR } from './hours';

export interface Minute {
  readonly min: number;
  readonly max: number;
  /** To 12 digits, within `min` and `max`. */
  readonly mean: number;
  /** Values that came in this minute, at least one. */
  readonly count: number;
}

export interface MinutePoint extends Minute {
  /** Where the minute begins, ms since 1970. */
  readonly timestamp: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What lies side by side for each minute; a count of 0 is a minute without values. */
const MIN = 0;
const MAX = 1;
const MEAN = 2;
const COUNT = 3;
const NUMBERS_PER_MINUTE = 4;
/** More than any sensor measures, and a third of the text that all digits of a mean would take. */
const MEAN_DIGITS = 12;

export class HourMinutes {
  readonly #numbers = new Float64Array(MINUTES_PER_HOUR * NUMBERS_PER_MINUTE);
  #range: Range | undefined;

  /** `hour`: since 1970. */
  constructor(readonly hour: number) {}

  /** `minute`: 0–59. Adds what is given to what the minute has. */
  add(minute: number, { min, max, mean, count }: Minute): void {
    const at = minute * NUMBERS_PER_MINUTE;
    const before = this.#number(at + COUNT);
    const total = before + count;
    this.#numbers[at + MIN] = before === 0 ? min : Math.min(this.#number(at + MIN), min);
    this.#numbers[at + MAX] = before === 0 ? max : Math.max(this.#number(at + MAX), max);
    // Shares instead of a sum, which could become infinite.
    this.#numbers[at + MEAN] = this.#number(at + MEAN) * (before / total) + mean * (count / total);
    this.#numbers[at + COUNT] = total;
    this.#range = undefined;
  }

  clear(minute: number): void {
    const at = minute * NUMBERS_PER_MINUTE;
    this.#numbers.fill(0, at, at + NUMBERS_PER_MINUTE);
    this.#range = undefined;
  }

  at(minute: number): MinutePoint | undefined {
    const at = minute * NUMBERS_PER_MINUTE;
    const count = this.#number(at + COUNT);
    if (count === 0) return undefined;
    const min = this.#number(at + MIN);
    const max = this.#number(at + MAX);
    const rounded = count === 1 ? min : Number(this.#number(at + MEAN).toPrecision(MEAN_DIGITS));
    const timestamp = this.hour * HOUR_MS + minute * MINUTE_MS;
    return { timestamp, min, max, mean: Math.min(max, Math.max(min, rounded)), count };
  }

  /** Oldest first. */
  *points(): Generator<MinutePoint> {
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute++) {
      const point = this.at(minute);
      if (point) yield point;
    }
  }

  /** Of the whole hour; remembered, since it is asked for at each render. undefined while there is no value. */
  range(): Range | undefined {
    if (this.#range) return this.#range;
    for (const { min, max } of this.points()) {
      const range: Range = this.#range ?? { min, max };
      this.#range = { min: Math.min(range.min, min), max: Math.max(range.max, max) };
    }
    return this.#range;
  }

  #number(at: number): number {
    return this.#numbers[at] ?? 0;
  }
}
