/** The threads that this one started, so that a test can say that none is left, and wait for it. */
import type { Worker } from 'node:worker_threads';
import { GUEST_HEAP_MB } from '../../src/wasm/guest-errors';

/** A thread that is ended goes within milliseconds; one that is not would keep the test for ever. */
const END_LIMIT_MS = 20_000;

export class Threads {
  readonly #running = new Set<Worker>();
  #started = 0;

  constructor(readonly counts: (worker: Worker) => boolean) {
    process.on('worker', (worker: Worker) => {
      if (!this.counts(worker)) return;
      this.#started += 1;
      this.#running.add(worker);
      worker.on('exit', () => this.#running.delete(worker));
    });
  }

  static ofGuests(): Threads {
    return new Threads((worker) => worker.resourceLimits?.maxOldGenerationSizeMb === GUEST_HEAP_MB);
  }

  get started(): number {
    return this.#started;
  }

  /** Resolves when the last of them has ended. Keeps the process alive meanwhile: these threads do not. */
  async ended(): Promise<void> {
    await Promise.all(
      [...this.#running].map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            const late = setTimeout(() => reject(new Error(`thread ${worker.threadId} still runs`)), END_LIMIT_MS);
            worker.on('exit', () => {
              clearTimeout(late);
              resolve();
            });
          }),
      ),
    );
  }
}
