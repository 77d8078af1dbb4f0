/** Waits for a condition, never for time to pass. Every wait of the tests has a limit that a busy machine does not reach. */
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 60_000;
const CHECK_EVERY_MS = 5;

/**
 * Resolves with the first result of `check` that is neither undefined nor false. Rejects after `limitMs` with `what`: what
 * was waited for, or a function that says at that moment what there was instead; the text of `check` unless given.
 */
export async function until<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  what: string | (() => string) = () => check.toString(),
  limitMs = LIMIT_MS,
): Promise<T> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endsAt)
      throw new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : what()}`);
    await pause(CHECK_EVERY_MS);
  }
}

/** As `until`, but a check that throws counts as not fulfilled yet; the last error becomes the cause. */
export async function eventually<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  what: string | (() => string) = () => check.toString(),
  limitMs = LIMIT_MS,
): Promise<T> {
  let last: unknown;
  const attempt = async () => {
    try {
      return await check();
    } catch (error) {
      last = error;
      return undefined;
    }
  };
  return until(attempt, what, limitMs).catch((error: Error) => {
    throw new Error(error.message, { cause: last });
  });
}
