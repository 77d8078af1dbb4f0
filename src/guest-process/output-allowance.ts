/**
 * How many lines and warnings of one guest are taken. Its own thread keeps stricter limits (`output-lines.ts`) and says
 * what it held back; only a process that does not run our code sends more, and what is over is dropped.
 */
const BURST = 200;
const LINES_PER_SECOND = 40;
/** What a call that ends may say beyond that: how much was held back. */
const LINES_PER_CALL = 2;

export class OutputAllowance {
  #left = BURST;
  #filledAt: number;
  #dropped = 0;

  /** `now`: ms since some moment, never backwards. */
  constructor(readonly now: () => number = () => performance.now()) {
    this.#filledAt = now();
  }

  /** Lines that were not taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A call begins. */
  begin(): void {
    this.#left = Math.min(BURST, this.#left + LINES_PER_CALL);
  }

  /** Whether one more line is taken. */
  take(): boolean {
    const now = this.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#filledAt) / 1_000) * LINES_PER_SECOND);
    this.#filledAt = now;
    if (this.#left < 1) {
      this.#dropped += 1;
      return false;
    }
    this.#left -= 1;
    return true;
  }
}
