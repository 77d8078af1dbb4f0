/** A bound on how often something may happen: so many at once, and so many more each second. Time is passed in. */
const MS_PER_SECOND = 1_000;

export class Allowance {
  #left: number;
  #at: number;

  constructor(
    readonly capacity: number,
    readonly perSecond: number,
    /** ms that only ever go forward. */
    readonly now: () => number,
  ) {
    this.#left = capacity;
    this.#at = now();
  }

  /** Takes all of them or none. */
  take(count = 1): boolean {
    const now = this.now();
    this.#left = Math.min(this.capacity, this.#left + ((now - this.#at) * this.perSecond) / MS_PER_SECOND);
    this.#at = now;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}
