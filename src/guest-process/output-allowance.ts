/**
 * How many lines and warnings of one guest are taken. Its own thread keeps stricter limits (`output-lines.ts`) and says
 * what it held back; only a process that does not run our code sends more, and what is over is dropped.
 */
import { TokenBucket } from '../platform/token-bucket';

const BURST = 200;
const LINES_PER_SECOND = 40;
/** What a call that ends may say beyond that: how much was held back. */
const LINES_PER_CALL = 2;

export class OutputAllowance {
  readonly #lines: TokenBucket;
  #dropped = 0;

  /** `now`: ms since some moment, never backwards. */
  constructor(now: () => number = () => performance.now()) {
    this.#lines = new TokenBucket(BURST, LINES_PER_SECOND, now);
  }

  /** Lines that were not taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A call begins. */
  begin(): void {
    this.#lines.add(LINES_PER_CALL);
  }

  /** Whether one more line is taken. */
  take(): boolean {
    const isTaken = this.#lines.take();
    if (!isTaken) this.#dropped += 1;
    return isTaken;
  }
}
