/**
 * Whether the machine's clock may be believed: it has gone on as fast as one that nobody sets for ten minutes. A Raspberry Pi
 * has no clock of its own and jumps when it hears the time, and a wrong time server or a person may set one to 2099 for some
 * seconds. What cannot be undone, such as removing what seems to be old, waits until the clock has settled.
 */
import { MINUTE_MS } from './hours';

export const SETTLED_AFTER_MS = 10 * MINUTE_MS;
/** What a clock is corrected by without a jump, since it was asked last. */
const CORRECTION_MS = MINUTE_MS;

export class SettledClock {
  /** Between the two clocks, when they were compared last. */
  #offset = Number.NaN;
  #settledAt = Number.POSITIVE_INFINITY;

  /** `now`: ms since 1970. `monotonic`: ms on a clock that nobody sets. Asked again and again, as it notices jumps by that. */
  isSettled(now: number, monotonic: number): boolean {
    const offset = now - monotonic;
    // NaN at first: it begins as after a jump.
    if (!(Math.abs(offset - this.#offset) <= CORRECTION_MS)) this.#settledAt = monotonic + SETTLED_AFTER_MS;
    this.#offset = offset;
    return monotonic >= this.#settledAt;
  }
}
