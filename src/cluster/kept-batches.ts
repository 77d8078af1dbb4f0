/**
 * Which batches of this node etcd still has, oldest first, and which of them have become too many. They are a reader's way
 * to miss nothing while it is away for a while, and no archive. Sizes are those of keys and values, as they were written or
 * read back (own-batches.ts), so that the bound holds over restarts.
 */
import type { Clock } from '../platform/clock';
import type { Operation } from './etcd/key-values';
import { batchKey } from './keys';

export interface KeptBatch {
  readonly epoch: string;
  readonly first: number;
  readonly bytes: number;
  /** Monotonic ms. */
  readonly at: number;
}

export interface Deletions {
  /** How many of the oldest batches they delete. */
  readonly count: number;
  readonly operations: readonly Operation[];
}

export const KEEP_MS = 30 * 60_000;
/** Of one node; thirty of them fit into etcd's quota twice. */
export const KEEP_BYTES = 2 ** 20;
const MAX_BYTES = 2 * KEEP_BYTES;
export const NO_DELETIONS: Deletions = { count: 0, operations: [] };

export class KeptBatches {
  #batches: KeptBatch[] = [];
  #bytes = 0;
  /** Some were left since one transaction takes no more operations. */
  #isCut = false;

  constructor(
    readonly node: string,
    readonly clock: Clock,
  ) {}

  /** Whether some are to go before `bytes` more are written: etcd never has more than MAX_BYTES of a node. */
  isFullWith(bytes: number): boolean {
    return this.#isCut || this.#bytes + bytes > MAX_BYTES;
  }

  get all(): readonly KeptBatch[] {
    return this.#batches;
  }

  /** In the order they were written. */
  restore(batches: readonly KeptBatch[]): void {
    this.#batches = [...batches];
    this.#bytes = batches.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#isCut = false;
  }

  add(epoch: string, first: number, bytes: number): void {
    this.#batches.push({ epoch, first, bytes, at: this.clock.monotonic() });
    this.#bytes += bytes;
  }

  /** Of the oldest that are no longer wanted: one range for each run of an epoch, at most `maxRanges`. */
  deletions(maxRanges: number): Deletions {
    const going = this.#batches.slice(0, this.#superfluous());
    const runs: { epoch: string; first: number; last: number }[] = [];
    let count = 0;
    for (const { epoch, first } of going) {
      const run = runs.find((one) => one.epoch === epoch);
      if (run !== undefined) {
        run.first = Math.min(run.first, first);
        run.last = Math.max(run.last, first);
      } else if (runs.length < maxRanges) runs.push({ epoch, first, last: first });
      else break;
      count += 1;
    }
    const operations = runs.map(({ epoch, first, last }): Operation => {
      return { kind: 'delete', key: batchKey(this.node, epoch, first), end: batchKey(this.node, epoch, last + 1) };
    });
    return { count, operations };
  }

  /** They are deleted. */
  forget(count: number): void {
    for (const { bytes } of this.#batches.splice(0, count)) this.#bytes -= bytes;
    this.#isCut = count > 0 && this.#superfluous() > 0;
  }

  /** How many of the oldest are no longer wanted. */
  #superfluous(): number {
    const now = this.clock.monotonic();
    let bytes = this.#bytes;
    let count = 0;
    for (const batch of this.#batches) {
      if (bytes <= KEEP_BYTES && now - batch.at <= KEEP_MS) break;
      bytes -= batch.bytes;
      count += 1;
    }
    return count;
  }
}
