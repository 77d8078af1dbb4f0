/**
 * One at a time: a bus serves one transfer after the other, and each takes a thread of libuv's pool while it runs. A bus
 * that is stuck thereby holds one such thread and delays only who asked for it. The queue is bounded: beyond it, callers
 * are refused with HARDWARE_IO at once.
 */
import { WasiError } from '../../errors';

/** A guest waits for one call at a time, so this many callers are more than there are plugins. */
const MAX_WAITING = 32;

export class Turns {
  readonly #what: string;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  /** `what`: whose turns, in words. */
  constructor(what: string) {
    this.#what = what;
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#what));
    if (this.#waiting >= MAX_WAITING) {
      return Promise.reject(
        new WasiError('HARDWARE_IO', `${MAX_WAITING} calls wait for ${this.#what} already; it is slow or stuck`),
      );
    }
    this.#waiting += 1;
    const mine = this.#last.then(async () => {
      try {
        if (this.#closed) throw closedError(this.#what);
        return await work();
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Resolves when what runs has ended; what waits is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}

function closedError(what: string): WasiError {
  return new WasiError('RUNTIME_CLOSED', `${what} was closed; deploy the flow again`);
}
