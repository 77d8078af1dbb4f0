/** The threads that this one started, so that a test can say that none is left, and wait for it. */
import { EventEmitter, once } from 'node:events';
import type { Worker } from 'node:worker_threads';

/** A thread that is ended goes within milliseconds; one that is not would keep the test for ever. */
const END_LIMIT_MS = 20_000;

export class Threads {
  readonly #running = new Set<Worker>();
  readonly #ends = new EventEmitter();
  #started = 0;

  constructor(readonly counts: (worker: Worker) => boolean) {
    process.on('worker', (worker: Worker) => {
      if (!this.counts(worker)) return;
      this.#started += 1;
      this.#running.add(worker);
      worker.on('exit', () => {
        this.#running.delete(worker);
        this.#ends.emit('end');
      });
    });
  }

  get started(): number {
    return this.#started;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Resolves when the last of them has ended. */
  ended(): Promise<void> {
    return this.atMost(0);
  }

  /** Resolves when no more than these are left. Keeps the process alive meanwhile: these threads do not. */
  async atMost(count: number): Promise<void> {
    const limit = new AbortController();
    const late = setTimeout(() => limit.abort(), END_LIMIT_MS);
    try {
      while (this.running > count) await once(this.#ends, 'end', { signal: limit.signal });
    } catch (cause) {
      const left = [...this.#running].map(({ threadId }) => threadId).join(', ');
      throw new Error(`threads ${left} still run, and at most ${count} may`, { cause });
    } finally {
      clearTimeout(late);
    }
  }
}
