/**
 * How large a transaction of the publisher may be. etcd takes 128 operations in each branch of one and 1.5 MB in a request
 * (`--max-txn-ops`, `--max-request-bytes`), of which ours stay well below; where an administrator set less, a transaction
 * is refused for what it is, and would be again. It is then made anew and smaller, until etcd takes it: first the batch
 * alone, then half of the batch, down to one reading. What was learned is forgotten after ten minutes.
 */
import type { Clock } from '../platform/clock';
import { MAX_LATEST_BYTES } from './latest-readings';

export interface TransactionSize {
  readonly readings: number;
  readonly bytes: number;
  /** Operations that delete. */
  readonly deletions: number;
  readonly latestBytes: number;
  /** No deletions and no `latest`, once. */
  readonly isBare: boolean;
}

/** What was refused. */
export interface Refused {
  readonly readings: number;
  readonly hasMore: boolean;
}

const LARGEST: TransactionSize = {
  readings: 500,
  bytes: 96 * 2 ** 10,
  deletions: 100,
  latestBytes: MAX_LATEST_BYTES,
  isBare: false,
};
const LEAST_LATEST_BYTES = 2 ** 10;
const FORGET_AFTER_MS = 10 * 60_000;

export class TransactionLimit {
  #size = LARGEST;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(readonly clock: Clock) {}

  get size(): TransactionSize {
    if (this.clock.monotonic() - this.#refusedAt > FORGET_AFTER_MS) this.#size = LARGEST;
    return this.#size;
  }

  /** Returns what becomes of the next one; `smallest` where it cannot be made smaller. `isFirst`: it is news. */
  refused({ readings, hasMore }: Refused): { readonly next: 'smaller' | 'smallest'; readonly isFirst: boolean } {
    const isFirst = this.size === LARGEST;
    this.#refusedAt = this.clock.monotonic();
    if (hasMore) {
      const latestBytes = Math.max(LEAST_LATEST_BYTES, Math.floor(this.#size.latestBytes / 2));
      const deletions = Math.ceil(this.#size.deletions / 4);
      this.#size = { ...this.#size, deletions, latestBytes, isBare: true };
    } else if (readings > 1) this.#size = { ...this.#size, readings: Math.ceil(readings / 2), isBare: true };
    else return { next: 'smallest', isFirst };
    return { next: 'smaller', isFirst };
  }

  accepted(): void {
    if (this.#size.isBare) this.#size = { ...this.#size, isBare: false };
  }
}
