/** Trying again what etcd refuses only for the moment, for so long and no longer. */

export interface Patience {
  readonly limitMs: number;
  readonly pauseMs: number;
  pause(ms: number): Promise<void>;
  /** Monotonic, ms. */
  now(): number;
}

/** The last error is thrown when time is up, any other at once. */
export async function patiently<T>(
  patience: Patience,
  isForTheMoment: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  const endsAt = patience.now() + patience.limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isForTheMoment(error) || patience.now() >= endsAt) throw error;
      await patience.pause(patience.pauseMs);
    }
  }
}
