/** Exponential backoff: the pause before the next attempt doubles with each failure, up to a limit. Pure. */

export interface Backoff {
  /** Before the second attempt. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/** 2 ** 30 times any pause is more than every limit. */
const MAX_DOUBLINGS = 30;

/** ms. `failures`: in a row, at least 1. */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS));
}
