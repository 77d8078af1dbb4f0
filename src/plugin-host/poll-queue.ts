/**
 * One call at a time, one waiting, no more: what a plugin's callers wait in. Calls run in the order they came, and a
 * caller that arrives while one hands over to the next finds its place behind both.
 */
import { WasiError } from '../errors/wasi-error';

/** The one that runs and the one that waits. */
const MAX_CALLS = 2;

export class PollQueue {
  #calls = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readonly plugin: string) {}

  /** Rejects with POLL_BUSY when one call runs and another waits already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#calls >= MAX_CALLS) {
      throw new WasiError(
        'POLL_BUSY',
        `${this.plugin} is still being polled and the next poll waits already: poll it less often, or look why it is slow`,
      );
    }
    this.#calls += 1;
    const mine = this.#turn.then(task);
    // A task that failed has told its own caller.
    this.#turn = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#calls -= 1;
    }
  }

  /** When every call that is in it now is over. */
  async idle(): Promise<void> {
    await this.#turn;
  }
}
