/**
 * A clock that stands until a test moves it. `advance` runs everything that falls due on the way, in order, and lets what
 * waits for it settle in between; `step` sets the wall clock alone, as an administrator or NTP does.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/platform/clock';

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export class ManualClock implements Clock {
  #monotonic = 0;
  #offset: number;
  #sleepers: Sleeper[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#offset = now;
  }

  /** Waits that have not passed yet. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  now(): number {
    return this.#monotonic + this.#offset;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  step(ms: number): void {
    this.#offset += ms;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.#monotonic + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    await turn();
    for (;;) {
      const [next] = this.#sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#monotonic = Math.max(this.#monotonic, next.at);
      next.wake();
      for (let turns = 0; turns < 5; turns++) await turn();
    }
    this.#monotonic = until;
  }
}

/** Waiting takes no time: the clock jumps. For one caller at a time. */
export class JumpingClock implements Clock {
  #monotonic = 0;

  constructor(readonly startedAt = 1_700_000_000_000) {}

  now(): number {
    return this.startedAt + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  async wait(ms: number): Promise<void> {
    this.#monotonic += ms;
  }
}
