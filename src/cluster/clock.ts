/**
 * Time as the cluster sees it, so that a test can hold it in its hand. Two clocks: what stands in messages is the machine's
 * wall clock, which may be stepped; what a lease, a back-off or an age is measured by only ever goes forward.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface ClusterClock {
  /** ms since 1970, as the machine believes. */
  now(): number;
  /** ms since some moment, never backwards; it goes on while the machine's clock is set. */
  monotonic(): number;
  /** Rejects with the signal's reason when that aborts first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Waits; aborting the signal, which closing does, ends that early and quietly. */
export async function pause(clock: ClusterClock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.wait(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export const systemClock: ClusterClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
