/** The well-behaved plugin beside an attack: polled all the time, and each of its polls must be answered with the next number. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestRuntime } from '../runtime/test-runtime';

export const NEIGHBOUR = 'counter';

/** Often enough to be in the way of everything, and leaves the two cores of a small machine to the attack. */
const EVERY_MS = 4;

export class Neighbour {
  #count = 0;

  constructor(readonly host: TestRuntime) {}

  /** Throws when it was not answered, or started anew. */
  async poll(): Promise<void> {
    const { count } = await this.host.poll(NEIGHBOUR);
    assert.equal(count, this.#count + 1, 'the neighbour lost its state');
    this.#count += 1;
  }

  /** Does `work`, polling until it is over and once more after it. */
  async during<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = work.finally(() => {
      over = true;
    });
    const polling = this.#pollUntil(() => over);
    const [outcome] = await Promise.all([done, polling]);
    await this.poll();
    return outcome;
  }

  async #pollUntil(over: () => boolean): Promise<void> {
    while (!over()) {
      await this.poll();
      await pause(EVERY_MS);
    }
  }
}
