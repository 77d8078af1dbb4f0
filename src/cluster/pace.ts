/**
 * How much this node may write: a day's backlog handed over at once would fill etcd's quota (64 MB) for everybody, since
 * what is deleted takes up room until etcd compacts. A store of bytes that fills up again with time.
 */
import type { ClusterClock } from './clock';

/** More than an hour of ten sensors every five seconds (1.5 MB) goes at once. */
const BURST_BYTES = 4 * 2 ** 20;
/** Some 300 readings a second; four nodes at once for ten minutes are some 150 MB, for a compaction every minute 16. */
const BYTES_PER_SECOND = 64 * 2 ** 10;

export class Pace {
  #left = BURST_BYTES;
  #at: number;

  constructor(readonly clock: ClusterClock) {
    this.#at = clock.monotonic();
  }

  /** Takes them, and returns how long to wait before they may go. */
  take(bytes: number): number {
    const now = this.clock.monotonic();
    this.#left = Math.min(BURST_BYTES, this.#left + ((now - this.#at) / 1_000) * BYTES_PER_SECOND) - bytes;
    this.#at = now;
    return this.#left >= 0 ? 0 : (-this.#left / BYTES_PER_SECOND) * 1_000;
  }
}
