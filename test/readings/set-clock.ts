/** A clock that a test sets: what people call the time, and beside it what nobody sets. Both go on together. */
import type { Clock } from '../../src/platform/clock';

export class SetClock implements Pick<Clock, 'now' | 'monotonic'> {
  #monotonic = 0;
  #now: number;

  /** `2026-11-24T15:00Z`, or ms since 1970. */
  constructor(start: string | number) {
    this.#now = new Date(start).getTime();
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#monotonic;

  pass(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
  }

  /** Somebody sets it; no time passes. */
  set(time: string): void {
    this.#now = new Date(time).getTime();
  }
}
