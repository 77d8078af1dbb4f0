/** One call at a time, one waiting, no more: what a plugin's callers wait in. */
import { WasiError } from '../errors';

export class PollQueue {
  #active: Promise<unknown> | undefined;
  #waiting = false;

  constructor(readonly plugin: string) {}

  /** Rejects with POLL_BUSY when one call runs and another waits already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#active) {
      if (this.#waiting) {
        throw new WasiError(
          'POLL_BUSY',
          `${this.plugin} is still being polled and the next poll waits already: poll it less often, or look why it is slow`,
        );
      }
      this.#waiting = true;
      // A task that failed has told its own caller.
      await this.#active.catch(() => undefined);
      this.#waiting = false;
    }
    const mine = task();
    this.#active = mine;
    try {
      return await mine;
    } finally {
      if (this.#active === mine) this.#active = undefined;
    }
  }

  get busy(): boolean {
    return this.#active !== undefined;
  }
}
