/**
 * Time as the devices see it, so that a test can hold it in its hand. `now` counts milliseconds since 1970 and never
 * runs backwards: a step of the machine's clock must neither end a measurement early nor freeze one.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Rejects with the signal's reason when that aborts first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  wait: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
