/**
 * What of the outbox lies on disk: segments of one epoch each, oldest first, each a run of readings without a gap. The
 * newest may be appended to until it is full, is read from, or a write to it failed. Segments go whole, when all of it is
 * acknowledged or when there is no room for it; which of a segment's readings are acknowledged is not written, since etcd
 * knows (the cursor). One thing at a time: whoever calls waits for the last call.
 */
import { decodeRecords, type Entry, encodeRecords } from './records';
import type { SegmentFiles } from './segment-files';

export interface Segment {
  readonly name: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
}

/** A run of readings as they are read back. */
export interface Run {
  readonly segment: Segment;
  readonly entries: readonly Entry[];
}

/** Read back at once: a few ms of work. */
export const SEGMENT_BYTES = 256 * 2 ** 10;
/** A segment is closed once it is full, so that it may be longer by one write. */
const MAX_READ_BYTES = 16 * 2 ** 20;
const NAME = /^(\d{16})-([0-9a-f]{1,32})\.segment$/;

export class Segments {
  #segments: Segment[] = [];
  #isNewestOpen = false;
  #nextNumber = 1;

  private constructor(
    readonly files: SegmentFiles,
    readonly onWarning: (text: string) => void,
  ) {}

  /** Reads all of it once: what is there, and what is whole of it. */
  static async open(files: SegmentFiles, onWarning: (text: string) => void): Promise<Segments> {
    const segments = new Segments(files, onWarning);
    for (const name of [...(await files.list())].sort()) await segments.#find(name);
    return segments;
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Durable when it comes back. `entries` go on where the epoch's last ones ended. */
  async append(epoch: string, entries: readonly Entry[]): Promise<void> {
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return;
    const data = encodeRecords(entries);
    const newest = this.#isNewestOpen ? this.#segments.at(-1) : undefined;
    const goesOn = newest !== undefined && newest.epoch === epoch && newest.last + 1 === first.seq;
    const segment = goesOn ? newest : this.#begin(epoch, first.seq);
    // Open again only when this is done: after a failed write, what is there at its end is anybody's guess.
    this.#isNewestOpen = false;
    try {
      await this.files.append(segment.name, data);
    } catch (error) {
      if (!goesOn) await this.#removeRest(segment);
      throw error;
    }
    const grown = { ...segment, last: last.seq, bytes: segment.bytes + data.length };
    if (goesOn) this.#segments[this.#segments.indexOf(segment)] = grown;
    else this.#segments.push(grown);
    this.#isNewestOpen = grown.bytes < SEGMENT_BYTES;
  }

  /** Of the oldest segment; one that cannot be read is set aside, and told of with how many readings it had. */
  async oldest(onLost: (readings: number) => void): Promise<Run | undefined> {
    for (;;) {
      const [segment] = this.#segments;
      if (segment === undefined) return undefined;
      if (this.#segments.length === 1) this.#isNewestOpen = false;
      try {
        const { entries } = decodeRecords(await this.files.read(segment.name, MAX_READ_BYTES));
        const own = entries.filter(({ seq }) => seq >= segment.first && seq <= segment.last);
        if (own.length > 0) return { segment, entries: own };
        throw new Error('nothing of it is whole');
      } catch (error) {
        onLost(segment.last - segment.first + 1);
        await this.#setAside(segment, error);
      }
    }
  }

  /**
   * Forgets it at once, where it is as it is now: one that has grown, or is gone, is left as it is. A file that cannot be
   * removed is harmless: its readings are known to etcd when they come again.
   */
  async remove(segment: Segment): Promise<void> {
    if (this.#forget(segment)) await this.#unlink(segment);
  }

  async #unlink(segment: Segment): Promise<void> {
    try {
      await this.files.remove(segment.name);
    } catch (error) {
      this.onWarning(`${segment.name} in the outbox ${this.files.folder} could not be removed: ${String(error)}`);
    }
  }

  /** Of a file that is not counted, on a disk that may be full. One that was not even made is no news. */
  async #removeRest({ name }: Segment): Promise<void> {
    try {
      await this.files.remove(name);
    } catch {
      // What is whole of it would be read at the next start, and etcd would know it.
    }
  }

  #begin(epoch: string, first: number): Segment {
    const name = `${String(this.#nextNumber).padStart(16, '0')}-${epoch}.segment`;
    this.#nextNumber += 1;
    return { name, epoch, first, last: first - 1, bytes: 0 };
  }

  /** Whether it was known. */
  #forget(segment: Segment): boolean {
    const place = this.#segments.indexOf(segment);
    if (place === -1) return false;
    if (place === this.#segments.length - 1) this.#isNewestOpen = false;
    this.#segments.splice(place, 1);
    return true;
  }

  async #setAside(segment: Segment, reason: unknown): Promise<void> {
    this.#forget(segment);
    this.onWarning(
      `${segment.name} in the outbox ${this.files.folder} cannot be read (${String(reason)}): its readings are lost; it is ` +
        'kept under the name ….broken',
    );
    try {
      await this.files.setAside(segment.name);
    } catch (error) {
      this.onWarning(`${segment.name} in the outbox could not be set aside: ${String(error)}`);
    }
  }

  async #find(name: string): Promise<void> {
    const [, number, epoch] = NAME.exec(name) ?? [];
    if (number === undefined || epoch === undefined) return;
    this.#nextNumber = Math.max(this.#nextNumber, Number(number) + 1);
    let entries: readonly Entry[] = [];
    try {
      const data = await this.files.read(name, MAX_READ_BYTES);
      const decoded = decodeRecords(data);
      entries = decoded.entries;
      if (decoded.tornBytes > 0)
        this.onWarning(
          `the last ${decoded.tornBytes} bytes of ${name} in the outbox are not whole, as after a power failure, and are left out`,
        );
    } catch (error) {
      this.onWarning(`${name} in the outbox ${this.files.folder} cannot be read: ${String(error)}`);
      return;
    }
    const [first] = entries;
    const last = entries.at(-1);
    const bytes = encodeRecords(entries).length;
    const segment = { name, epoch, first: first?.seq ?? 1, last: last?.seq ?? 0, bytes };
    // A write that was cut off before its first reading was whole.
    if (first === undefined) await this.#unlink(segment);
    else this.#segments.push(segment);
  }
}
