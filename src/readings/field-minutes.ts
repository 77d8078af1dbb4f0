/**
 * One number of one sensor by the minute, over the hours that are kept. When the clock enters a minute, what was there
 * before is replaced: after it was set back those are values of another time. Knows no bound of hours of its own; whoever
 * holds the fields tells which hours stay.
 */
import type { FieldPlace } from './field-place';
import { HourMinutes, type KeptRange, type Minute, type MinutePoint } from './hour-minutes';
import { hourOf, KEPT_HOURS, MINUTES_PER_HOUR, minuteOf } from './hours';

export class FieldMinutes {
  readonly #hours = new Map<number, HourMinutes>();
  /** The minute (since 1970) that the last value went into; before the first one the newest of those restored, or none. */
  #filling = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  unit: string | undefined;

  constructor(readonly place: FieldPlace) {}

  get isEmpty(): boolean {
    return this.#hours.size === 0;
  }

  hour(hour: number): HourMinutes | undefined {
    return this.#hours.get(hour);
  }

  /** When the last value came, on the clock that nobody sets; -Infinity before the first one. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** `minute`: since 1970. `heardAt`: ms on a clock that nobody sets. */
  add(value: number, minute: number, heardAt: number): void {
    this.#heardAt = heardAt;
    const hour = this.#hourAt(Math.floor(minute / MINUTES_PER_HOUR));
    const within = minute % MINUTES_PER_HOUR;
    if (minute !== this.#filling) hour.clear(within);
    this.#filling = minute;
    hour.add(within, one(value));
  }

  /**
   * A value that was read elsewhere and is handed over later, in the order they were read; `now`: the current minute. False:
   * it is handed over once more, and what was kept has it already.
   */
  addLate(value: number, minute: number, now: number, heardAt: number): boolean {
    // What was filled last may lie ahead, after the clock was set back: it tells nothing then.
    if (minute >= this.#filling || this.#filling > now) {
      this.add(value, minute, heardAt);
      return true;
    }
    if (this.#heardAt === Number.NEGATIVE_INFINITY) return false;
    this.#heardAt = heardAt;
    this.#hourAt(Math.floor(minute / MINUTES_PER_HOUR)).add(minute % MINUTES_PER_HOUR, one(value));
    return true;
  }

  /** A minute of another time that was kept: added to what there may be already. */
  restore(hour: number, within: number, minute: Minute): void {
    this.#hourAt(hour).add(within, minute);
    // The minute in which Node-RED was started again is one with what it had before.
    if (this.#heardAt === Number.NEGATIVE_INFINITY)
      this.#filling = Math.max(this.#filling, hour * MINUTES_PER_HOUR + within);
  }

  dropHour(hour: number): void {
    this.#hours.delete(hour);
  }

  /** Oldest first; both ends are minutes since 1970 and belong to it. */
  *points(from: number, to: number): Generator<MinutePoint> {
    for (let minute = from; minute <= to; ) {
      const hour = this.#hours.get(Math.floor(minute / MINUTES_PER_HOUR));
      const within = minute % MINUTES_PER_HOUR;
      const point = hour?.at(within);
      if (point) yield point;
      minute += hour === undefined ? MINUTES_PER_HOUR - within : 1;
    }
  }

  /** Of one minute since 1970, with all its digits; undefined where it has no value. */
  meanAt(minute: number): number | undefined {
    return this.#hours.get(Math.floor(minute / MINUTES_PER_HOUR))?.meanAt(minute % MINUTES_PER_HOUR);
  }

  /** By whole hours up to the current one, of which what lies ahead does not count. */
  range(now: number): KeptRange | undefined {
    const current = hourOf(now);
    let kept: KeptRange | undefined;
    for (let hour = current - KEPT_HOURS; hour <= current; hour++) {
      const block = this.#hours.get(hour);
      const range = hour === current ? block?.rangeUntil(minuteOf(now) % MINUTES_PER_HOUR) : block?.range();
      if (range) kept = widened(kept, range);
    }
    return kept;
  }

  #hourAt(hour: number): HourMinutes {
    const known = this.#hours.get(hour);
    if (known) return known;
    const begun = new HourMinutes(hour);
    this.#hours.set(hour, begun);
    return begun;
  }
}

function one(value: number): Minute {
  return { min: value, max: value, mean: value, count: 1 };
}

function widened(kept: KeptRange | undefined, more: KeptRange): KeptRange {
  if (!kept) return more;
  return { min: Math.min(kept.min, more.min), max: Math.max(kept.max, more.max), since: kept.since };
}
