/** A token bucket: so many tokens at once, and so many more each second. Time is passed in. */
const MS_PER_SECOND = 1_000;

export class TokenBucket {
  #tokens: number;
  #filledAt: number;

  constructor(
    readonly capacity: number,
    readonly perSecond: number,
    /** Monotonic ms. */
    readonly now: () => number,
  ) {
    this.#tokens = capacity;
    this.#filledAt = now();
  }

  /** Takes all of them or none; returns which. */
  take(count = 1): boolean {
    this.#fill();
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** Takes tokens that may not be there yet, and returns in how many ms all of them will be. */
  borrow(count: number): number {
    this.#fill();
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.perSecond) * MS_PER_SECOND;
  }

  /** More than time brings, up to the capacity. */
  add(count: number): void {
    this.#tokens = Math.min(this.capacity, this.#tokens + count);
  }

  #fill(): void {
    const now = this.now();
    this.add(((now - this.#filledAt) * this.perSecond) / MS_PER_SECOND);
    this.#filledAt = now;
  }
}
