/** Attempts at something that a person may correct meanwhile. A new reason is news, and starts the backoff again. */
import { type Backoff, backoffMs } from '../platform/backoff';

const BACKOFF: Backoff = { firstMs: 5_000, maxMs: 60_000 };

export class Retry {
  #failures = 0;
  #reason: string | undefined;

  after(reason: string): { readonly waitMs: number; readonly isNews: boolean } {
    const isNews = reason !== this.#reason;
    this.#reason = reason;
    this.#failures = isNews ? 1 : this.#failures + 1;
    return { waitMs: backoffMs(BACKOFF, this.#failures), isNews };
  }
}
