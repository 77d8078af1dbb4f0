/**
 * Which batches of this node etcd still has, oldest first, and which of them have become too many. They are a reader's way
 * to miss nothing while it is away for a while, and no archive.
 */
import type { ClusterClock } from './clock';
import type { Operation } from './etcd/key-values';
import { batchKey, meaningOf } from './keys';

interface KeptBatch {
  readonly epoch: string;
  readonly first: number;
  readonly bytes: number;
  /** Monotonic ms. */
  readonly at: number;
}

const KEEP_MS = 30 * 60_000;
/** Of one node; thirty of them fit into etcd's quota twice. */
const KEEP_BYTES = 2 ** 20;
/** What a batch of an earlier start is taken for, which only its key is known of. */
const ASSUMED_BYTES = 1_000;

export class KeptBatches {
  #batches: KeptBatch[] = [];
  #bytes = 0;

  constructor(
    readonly node: string,
    readonly clock: ClusterClock,
  ) {}

  /** Twice what is to be kept, so that it is time to take some away. */
  get isFull(): boolean {
    return this.#bytes > 2 * KEEP_BYTES;
  }

  /** `keys` in the order they were written. */
  restore(keys: readonly string[]): void {
    this.#batches = [];
    this.#bytes = 0;
    for (const key of keys) {
      const meaning = meaningOf(key);
      if (meaning.kind === 'batch') this.add(meaning.epoch, meaning.first, ASSUMED_BYTES);
    }
  }

  add(epoch: string, first: number, bytes: number): void {
    this.#batches.push({ epoch, first, bytes, at: this.clock.monotonic() });
    this.#bytes += bytes;
  }

  /** How many of the oldest are no longer wanted. */
  superfluous(): number {
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

  /** Deletes the oldest `count`, one range for each epoch among them. */
  deletions(count: number): readonly Operation[] {
    const going = this.#batches.slice(0, count);
    return [...new Set(going.map(({ epoch }) => epoch))].map((epoch) => {
      const firsts = going.filter((batch) => batch.epoch === epoch).map(({ first }) => first);
      const end = batchKey(this.node, epoch, Math.max(...firsts) + 1);
      return { kind: 'delete', key: batchKey(this.node, epoch, Math.min(...firsts)), end };
    });
  }

  /** They are deleted. */
  forget(count: number): void {
    for (const { bytes } of this.#batches.splice(0, count)) this.#bytes -= bytes;
  }
}
