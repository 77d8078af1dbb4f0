/** The newest readings of the outbox, in memory alone: not yet acknowledged, and not yet on disk. Oldest first. */
import type { Entry } from './records';

interface Kept extends Entry {
  /** Monotonic ms. */
  readonly at: number;
}

export class Tail {
  readonly #entries: Kept[] = [];
  #bytes = 0;

  get entries(): readonly Kept[] {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(entry: Kept): void {
    this.#entries.push(entry);
    this.#bytes += entry.text.length;
  }

  /** Everything up to `seq` is elsewhere. */
  cut(seq: number): void {
    const left = this.#entries.findIndex((entry) => entry.seq > seq);
    this.#take(left === -1 ? this.#entries.length : left);
  }

  /** Takes the oldest away, and returns how many; only a disk that takes nothing lets it come to this. */
  bound(maxBytes: number): number {
    let bytes = this.#bytes;
    let count = 0;
    for (const { text } of this.#entries) {
      if (bytes <= maxBytes) break;
      bytes -= text.length;
      count += 1;
    }
    this.#take(count);
    return count;
  }

  #take(count: number): void {
    for (const { text } of this.#entries.splice(0, count)) this.#bytes -= text.length;
  }
}

/** At least one, where there is one. */
export function firstOf<T extends Entry>(entries: readonly T[], maxReadings: number, maxBytes: number): readonly T[] {
  let bytes = 0;
  let count = 0;
  for (const { text } of entries) {
    bytes += text.length;
    if (count > 0 && (bytes > maxBytes || count >= maxReadings)) break;
    count += 1;
  }
  return entries.slice(0, count);
}
