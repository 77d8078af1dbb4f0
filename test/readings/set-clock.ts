/** A clock that a test sets: what people call the time, and beside it what nobody sets. Both go on together. */
import type { HistoryClock } from '../../src/readings/minute-history';

export class SetClock implements HistoryClock {
  #uptime = 0;
  #now: number;

  /** `2026-11-24T15:00Z`, or ms since 1970. */
  constructor(start: string | number) {
    this.#now = new Date(start).getTime();
  }

  readonly now = (): number => this.#now;
  readonly uptime = (): number => this.#uptime;

  pass(ms: number): void {
    this.#now += ms;
    this.#uptime += ms;
  }

  /** Somebody sets it; no time passes. */
  set(time: string): void {
    this.#now = new Date(time).getTime();
  }
}
