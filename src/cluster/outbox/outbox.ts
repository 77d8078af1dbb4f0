/**
 * The readings of this node that etcd has not acknowledged, oldest first, each with its place: epoch (one start of this
 * process, random) and sequence number from 1. They are in memory; what is not acknowledged within two seconds, and all of
 * it at the end, goes to disk: at most one synced write a second, and none at all while etcd answers, which is what an SD
 * card wants. A power failure costs what was read within the last three seconds and not acknowledged.
 *
 * Bounded: on disk by `maxBytes` and `maxReadings`, in memory by what a failing disk may leave there. When full, the
 * oldest goes, counted and told. `next` and `acknowledge` are the publisher's, one batch at a time.
 */
import { randomBytes } from 'node:crypto';
import { type Clock, pause } from '../../platform/clock';
import { Mutex } from '../../platform/mutex';
import type { StorageReport } from '../../platform/storage-report';
import type { Entry } from './records';
import type { SegmentFiles } from './segment-files';
import { type Run, SEGMENT_BYTES, type Segment, Segments } from './segments';
import { firstOf, Tail } from './tail';

export interface Batch {
  readonly epoch: string;
  /** Without a gap, at least one. */
  readonly entries: readonly Entry[];
}

export interface OutboxLimits {
  readonly maxBytes: number;
  readonly maxReadings: number;
  /** Of readings that could not go to disk. */
  readonly maxMemoryBytes: number;
}

export interface OutboxSurroundings {
  readonly files: SegmentFiles;
  readonly clock: Clock;
  readonly limits?: OutboxLimits;
  readonly report: StorageReport;
  onWarning(text: string): void;
  /** Readings that are lost, since the last time it was told. */
  onDropped(readings: number): void;
}

/** A day of ten sensors every five seconds is 173 000 readings, some 35 MB. */
const LIMITS: OutboxLimits = { maxBytes: 64 * 2 ** 20, maxReadings: 500_000, maxMemoryBytes: 4 * 2 ** 20 };
/** What etcd acknowledges in time is never written. */
const TO_DISK_AFTER_MS = 2_000;
const WRITE_EVERY_MS = 1_000;
const TELL_AGAIN_MS = 10 * 60_000;

export class Outbox {
  readonly epoch = randomBytes(8).toString('hex');
  readonly #limits: OutboxLimits;
  #sequence = 0;
  readonly #tail = new Tail();
  /** What of the oldest segment was read back. */
  #head: Run | undefined;
  readonly #acknowledged = new Map<string, number>();
  #toldOfDisk: { readonly what: string; readonly at: number } | undefined;
  readonly #turn = new Mutex();
  readonly #ending = new AbortController();
  #spilling: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    readonly segments: Segments,
    readonly around: OutboxSurroundings,
  ) {
    this.#limits = around.limits ?? LIMITS;
  }

  static async open(around: OutboxSurroundings): Promise<Outbox> {
    const outbox = new Outbox(await Segments.open(around.files, around.onWarning), around);
    outbox.#spilling = outbox.#spillOverAndOver();
    return outbox;
  }

  /** How many readings etcd has not acknowledged. */
  get pending(): number {
    return this.segments.all.reduce((sum, segment) => sum + this.#pendingOf(segment), 0) + this.#tail.entries.length;
  }

  /** Whether the epoch is one of this process, or of a start before it that left readings here. */
  has(epoch: string): boolean {
    return epoch === this.epoch || this.segments.all.some((segment) => segment.epoch === epoch);
  }

  /** Each `text` is one reading; nothing is on disk yet when this comes back. */
  add(texts: readonly string[]): void {
    const at = this.around.clock.monotonic();
    for (const text of texts) {
      this.#sequence += 1;
      this.#tail.push({ seq: this.#sequence, text, at });
    }
    const dropped = this.#tail.bound(this.#limits.maxMemoryBytes);
    if (dropped > 0) this.around.onDropped(dropped);
  }

  /** The oldest readings, of one epoch; undefined where everything is acknowledged. */
  next(maxReadings: number, maxBytes: number): Promise<Batch | undefined> {
    return this.#turn.run(async () => {
      const run = await this.#readHead();
      const [epoch, entries] = run ? [run.segment.epoch, run.entries] : [this.epoch, this.#tail.entries];
      const taken = firstOf(entries, maxReadings, maxBytes);
      return taken.length === 0 ? undefined : { epoch, entries: taken.map(({ seq, text }) => ({ seq, text })) };
    });
  }

  /** Every reading of the epoch up to `seq` is with etcd, or need not go there. */
  acknowledge(epoch: string, seq: number): void {
    this.#acknowledged.set(epoch, Math.max(seq, this.#acknowledged.get(epoch) ?? 0));
    if (epoch === this.epoch) this.#tail.cut(seq);
    if (this.#tail.entries.length === 0) this.around.report.settled();
    if (this.#head && this.#head.segment.epoch === epoch) {
      const entries = this.#head.entries.filter((entry) => entry.seq > seq);
      this.#head = entries.length === 0 ? undefined : { ...this.#head, entries };
    }
    if (this.#hasAcknowledged) void this.#turn.run(() => this.#removeAcknowledged());
  }

  /** What is left is on disk when it comes back, as far as the disk takes it. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#ending.abort();
    await this.#spilling;
    await this.#turn.run(() => this.#spill(Number.POSITIVE_INFINITY));
  }

  async #spillOverAndOver(): Promise<void> {
    const { clock } = this.around;
    for (;;) {
      await pause(clock, WRITE_EVERY_MS, this.#ending.signal);
      if (this.#ending.signal.aborted) return;
      try {
        await this.#turn.run(() => this.#spill(clock.monotonic() - TO_DISK_AFTER_MS));
      } catch (error) {
        // Nobody waits for this; what could not be written stays where it is.
        this.#tellOfDisk(error);
      }
    }
  }

  /** Everything that came before `before`, a write at a time. */
  async #spill(before: number): Promise<void> {
    for (;;) {
      const due = firstOf(this.#tail.entries, Number.POSITIVE_INFINITY, SEGMENT_BYTES).filter(({ at }) => at <= before);
      const last = due.at(-1);
      if (last === undefined) return;
      try {
        await this.segments.append(this.epoch, due);
        this.around.report.written();
      } catch (error) {
        this.around.report.failed(error);
        this.#tellOfDisk(error);
        await this.#makeRoom();
        return;
      }
      this.#tail.cut(last.seq);
      // Some of it may have been acknowledged while it was written.
      await this.#removeAcknowledged();
      await this.#boundDisk();
    }
  }

  async #readHead(): Promise<Run | undefined> {
    while (this.segments.all.length > 0) {
      const [oldest] = this.segments.all;
      if (this.#head !== undefined && this.#head.segment.name === oldest?.name) return this.#head;
      this.#head = undefined;
      const run = await this.segments.oldest((lost) => this.around.onDropped(lost));
      if (run === undefined) return undefined;
      const done = this.#acknowledged.get(run.segment.epoch) ?? 0;
      const entries = run.entries.filter(({ seq }) => seq > done);
      if (entries.length === 0) await this.segments.remove(run.segment);
      else this.#head = { ...run, entries };
    }
    return undefined;
  }

  get #hasAcknowledged(): boolean {
    return this.segments.all.some((segment) => this.#pendingOf(segment) === 0);
  }

  /** Looks when it is its turn: a write before it may have added to a segment all of which was acknowledged. */
  async #removeAcknowledged(): Promise<void> {
    for (const segment of this.segments.all.filter((one) => this.#pendingOf(one) === 0))
      await this.segments.remove(segment);
  }

  async #boundDisk(): Promise<void> {
    for (;;) {
      const [oldest] = this.segments.all;
      const isFull = this.segments.bytes > this.#limits.maxBytes || this.pending > this.#limits.maxReadings;
      if (oldest === undefined || !isFull) return;
      this.around.onDropped(this.#pendingOf(oldest));
      await this.segments.remove(oldest);
    }
  }

  /** On a full disk the oldest readings make room for the newest: a segment for as much as one write. */
  async #makeRoom(): Promise<void> {
    const [oldest] = this.segments.all;
    if (oldest === undefined || this.#tail.bytes < this.#limits.maxMemoryBytes / 2) return;
    this.around.onDropped(this.#pendingOf(oldest));
    await this.segments.remove(oldest);
  }

  #pendingOf({ epoch, first, last }: Segment): number {
    return Math.max(0, last - Math.max(first - 1, this.#acknowledged.get(epoch) ?? 0));
  }

  #tellOfDisk(error: unknown): void {
    const what = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const now = this.around.clock.monotonic();
    const told = this.#toldOfDisk;
    // On a full disk some writes fit, since older readings make room for them: that is the same fault.
    if (told !== undefined && told.what === what && now - told.at < TELL_AGAIN_MS) return;
    this.#toldOfDisk = { what, at: now };
    this.around.onWarning(
      `readings that etcd has not acknowledged cannot be written to ${this.around.files.folder}: ${String(error)}. They ` +
        'are kept in memory, some minutes of them, and are lost when the power fails; make room or correct the rights',
    );
  }
}
