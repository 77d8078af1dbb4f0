/** Trying again what somebody may correct meanwhile: after 5 s, and up to a minute later each time; a new reason is news. */

const FIRST_WAIT_MS = 5_000;
const MAX_WAIT_MS = 60_000;

export class Retry {
  #waitMs = FIRST_WAIT_MS;
  #reason: string | undefined;

  after(reason: string): { readonly waitMs: number; readonly isNews: boolean } {
    const isNews = reason !== this.#reason;
    // Somebody is at it.
    if (isNews) this.#waitMs = FIRST_WAIT_MS;
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(MAX_WAIT_MS, waitMs * 2);
    this.#reason = reason;
    return { waitMs, isNews };
  }
}
