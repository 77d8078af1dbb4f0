/**
 * Time, passed in so that a test can control it. Two clocks: what stands in messages and files is the machine's wall clock,
 * which may be set; leases, pauses and ages are measured by one that only goes forward.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** ms since 1970 by the machine's wall clock. */
  now(): number;
  /** ms since some moment; never backwards, also while the wall clock is set. */
  monotonic(): number;
  /** Rejects with the signal's reason where that is aborted first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};

/** Waits; where the signal is aborted, which closing does, it resolves at once. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.wait(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
