/** A clock that a test moves on: what is due runs in order, and what follows of it is let happen in between. */
import type { Clock } from '../../src/dashboard/live-page';

interface Timer {
  readonly at: number;
  readonly then: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + ms, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.then();
      await settled();
    }
    this.#now = until;
  }
}

/** All promises that are settled have told so. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
