/** Readings to keep, and the outbox's folder in memory: a disk that is full, that fails, and that loses its power in the middle of a write. */
import { decodeRecords } from '../../src/cluster/outbox/records';
import type { SegmentFiles } from '../../src/cluster/outbox/segment-files';

export class MemoryFiles implements SegmentFiles {
  readonly folder = '/outbox';
  readonly files = new Map<string, Buffer>();
  /** How many writes there were. */
  writes = 0;
  /** Bytes that still fit; a write that does not fit leaves as much of it as there is room for. */
  room = Number.POSITIVE_INFINITY;
  /** The power fails in the next write, after this share of it (0–1). */
  failsAfter: number | undefined;

  #isOff = false;
  #turn: Promise<void> = Promise.resolve();
  #goOn = (): void => {};

  async list(): Promise<readonly string[]> {
    return [...this.files.keys()];
  }

  async append(name: string, data: Buffer): Promise<void> {
    this.#assertPower();
    this.writes += 1;
    await this.#turn;
    const before = this.files.get(name) ?? Buffer.alloc(0);
    const written = this.failsAfter === undefined ? data.length : Math.floor(data.length * this.failsAfter);
    const fits = data.subarray(0, Math.max(0, Math.min(written, this.room)));
    this.room -= fits.length;
    this.files.set(name, Buffer.concat([before, fits]));
    if (this.failsAfter !== undefined) this.#isOff = true;
    this.#assertPower();
    if (fits.length < data.length) throw new Error('ENOSPC: no space left on device, write');
  }

  async read(name: string, limit: number): Promise<Buffer> {
    const data = this.files.get(name);
    if (data === undefined) throw new Error(`ENOENT: ${name}`);
    return data.subarray(0, limit);
  }

  async remove(name: string): Promise<void> {
    this.#assertPower();
    this.room += this.files.get(name)?.length ?? 0;
    this.files.delete(name);
  }

  async setAside(name: string): Promise<void> {
    const data = this.files.get(name);
    if (data !== undefined) this.files.set(`${name}.broken`, data);
    this.files.delete(name);
  }

  /** A write that begins from now on goes on when `release` is called. */
  hold(): void {
    this.release();
    this.#turn = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  release(): void {
    this.#goOn();
    this.#turn = Promise.resolve();
  }

  powerOn(): void {
    this.failsAfter = undefined;
    this.#isOff = false;
  }

  /** What stands in whole records, by epoch and number. */
  readings(): ReadonlySet<string> {
    const found = [...this.files].flatMap(([name, data]) =>
      decodeRecords(data).entries.map(({ seq }) => `${name.split(/[-.]/)[1]} ${seq}`),
    );
    return new Set(found);
  }

  #assertPower(): void {
    if (this.#isOff) throw new Error('the power failed');
  }
}

/** Readings as texts, from that number on. */
export function numbered(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `{"n":${from + i}}`);
}
