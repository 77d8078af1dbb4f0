/**
 * What of one other node has already been told, so that no reading is told twice, in what order batches come in or how
 * often. A batch that lies behind a gap is told nevertheless: what is missing is gone from etcd, and counted. Pure.
 */
import type { Reading } from '../readings/reading';
import type { PlacedReading, ReadingsBatch } from './wire';

export interface Arrival {
  /** In their order, not told before. */
  readonly readings: readonly Reading[];
  /** That were never seen. */
  readonly missed: number;
}

/** Starts of a node that may still have something in etcd, all of which may be read again: one every seven seconds. */
const MAX_EPOCHS = 256;
const NOTHING: Arrival = { readings: [], missed: 0 };

export class Arrivals {
  /** The highest sequence number that was told, by epoch; the one that changed last comes last. */
  readonly #told = new Map<string, number>();

  /** `count`: with the readings that could not be read. */
  batch({ epoch, first, readings }: ReadingsBatch, count: number): Arrival {
    const told = this.#told.get(epoch);
    const last = first + count - 1;
    if (told !== undefined && last <= told) return NOTHING;
    this.#keep(epoch, last);
    // Where some could not be read, which those were is not known: they are the first ones of a batch told once, whole.
    const skipped = told === undefined || told < first ? 0 : told - first + 1;
    return { readings: readings.slice(skipped), missed: told === undefined ? 0 : Math.max(0, first - told - 1) };
  }

  /**
   * The newest reading of each sensor, where its batch is no longer kept: what was told, or will be with a batch, is left
   * out. `firstKept`: of each epoch's batches that are kept.
   */
  latest(latest: readonly PlacedReading[], firstKept: ReadonlyMap<string, number>): Arrival {
    const news = latest.filter(({ epoch, seq }) => {
      const kept = firstKept.get(epoch);
      return seq > (this.#told.get(epoch) ?? 0) && (kept === undefined || seq < kept);
    });
    let missed = 0;
    for (const epoch of new Set(news.map((one) => one.epoch))) {
      const seqs = news.filter((one) => one.epoch === epoch).map(({ seq }) => seq);
      const told = this.#told.get(epoch);
      const last = Math.max(...seqs);
      if (told !== undefined) missed += last - told - seqs.length;
      this.#keep(epoch, last);
    }
    return { readings: news.map(({ reading }) => reading), missed };
  }

  #keep(epoch: string, seq: number): void {
    this.#told.delete(epoch);
    this.#told.set(epoch, seq);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MAX_EPOCHS) break;
      this.#told.delete(oldest);
    }
  }
}
