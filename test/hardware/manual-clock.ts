/**
 * A clock that stands until a test moves it. `advance` runs everything that falls due on the way, in order, and lets
 * promises that hang on it settle in between; `fastForward` makes every wait pass at once, for tests of values only.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/hardware/clock';

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export class ManualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turn();
    for (;;) {
      const [next] = this.#sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await turn();
    }
    this.#now = until;
  }
}

/** Waiting costs this clock no time at all: `now` jumps. For one caller at a time. */
export class JumpingClock implements Clock {
  #now: number;

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async wait(ms: number): Promise<void> {
    this.#now += ms;
  }
}
