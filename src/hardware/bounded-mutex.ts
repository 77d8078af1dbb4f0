/**
 * A mutex for a bus or device: it serves one transfer after the other, and each transfer occupies a thread of libuv's pool.
 * A bus that is stuck therefore occupies one such thread, and delays only its own callers. Few may wait: beyond that, callers
 * are refused with HARDWARE_IO at once.
 */
import { WasiError } from '../errors/wasi-error';
import { Mutex } from '../platform/mutex';

/** A guest waits for one call at a time, so that this is more than there are plugins. */
const MAX_WAITING = 32;

export class BoundedMutex {
  readonly #mutex = new Mutex();
  #waiting = 0;
  #state: 'open' | 'closed' = 'open';

  constructor(
    /** The bus or device, in words: `SPI bus 0`. */
    readonly device: string,
  ) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    if (this.#waiting >= MAX_WAITING)
      throw new WasiError('HARDWARE_IO', `${MAX_WAITING} calls wait for ${this.device} already; it is slow or stuck`);
    this.#waiting += 1;
    try {
      return await this.#mutex.run(() => {
        this.#assertOpen();
        return work();
      });
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Resolves when the transfer under way has ended; those that wait are refused with RUNTIME_CLOSED. */
  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#mutex.idle();
  }

  #assertOpen(): void {
    if (this.#state === 'closed')
      throw new WasiError('RUNTIME_CLOSED', `${this.device} was closed; deploy the flow again`);
  }
}
