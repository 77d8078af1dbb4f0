/**
 * How long to wait before the device thread is started again. Doubles while it keeps dying and starts afresh once it has
 * lived for a while: one bad moment costs a second, a broken driver costs no processor.
 */
import { type Backoff, backoffMs } from '../platform/backoff';

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 30_000 };
const HEALTHY_AFTER_MS = 60_000;

export interface RestartPlan {
  readonly delayMs: number;
  /** Deaths in a row, this one included. */
  readonly deaths: number;
}

/** `deathsBefore`: in a row, before this life of `livedMs`. */
export function planRestart(deathsBefore: number, livedMs: number): RestartPlan {
  const deaths = livedMs >= HEALTHY_AFTER_MS ? 1 : deathsBefore + 1;
  return { deaths, delayMs: backoffMs(BACKOFF, deaths) };
}
