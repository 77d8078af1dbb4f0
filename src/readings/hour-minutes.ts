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

/** Lowest and highest value of what is kept, and since when (ms since 1970). */
export interface KeptRange {
  readonly min: number;
  readonly max: number;
  readonly since: number;
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

  /** Of the whole hour, until it is another one: trends ask for it again and again. */
  #range: KeptRange | undefined;

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
    const mean = this.meanAt(minute);
    if (mean === undefined) return undefined;
    const min = this.#number(at + MIN);
    const max = this.#number(at + MAX);
    const rounded = min === max ? min : Number(mean.toPrecision(MEAN_DIGITS));
    const timestamp = this.hour * HOUR_MS + minute * MINUTE_MS;
    return { timestamp, min, max, mean: Math.min(max, Math.max(min, rounded)), count: this.#number(at + COUNT) };
  }

  /** With all its digits. */
  meanAt(minute: number): number | undefined {
    const at = minute * NUMBERS_PER_MINUTE;
    return this.#number(at + COUNT) === 0 ? undefined : this.#number(at + MEAN);
  }

  /** Oldest first. */
  *points(): Generator<MinutePoint> {
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute++) {
      const point = this.at(minute);
      if (point) yield point;
    }
  }

  /** Of the whole hour; undefined while there is no value. */
  range(): KeptRange | undefined {
    this.#range ??= this.rangeUntil(MINUTES_PER_HOUR - 1);
    return this.#range;
  }

  /** Up to a minute of the hour, that one included. */
  rangeUntil(last: number): KeptRange | undefined {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let first: number | undefined;
    for (let minute = 0; minute <= last; minute++) {
      const at = minute * NUMBERS_PER_MINUTE;
      if (this.#number(at + COUNT) === 0) continue;
      first ??= minute;
      min = Math.min(min, this.#number(at + MIN));
      max = Math.max(max, this.#number(at + MAX));
    }
    return first === undefined ? undefined : { min, max, since: this.hour * HOUR_MS + first * MINUTE_MS };
  }

  #number(at: number): number {
    return this.#numbers[at] ?? 0;
  }
}
