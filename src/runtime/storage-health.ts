/**
 * Whether the disk takes what this node has to keep. Whoever writes reports it here, by name; the file system itself is looked
 * at every 5 s, so that a card that is full or read-only is known although nothing is written just now. Looking reads two
 * numbers and a right, and writes nothing. Only while there is a doubt, a file of 4 KB is written and removed again, at most every
 * 30 s: it tells that the disk takes something again, and then whoever waits long for its next write is told to try.
 *
 * What is not kept stays listed until it was written, or does not have to be. Prepared components and host.toml have nobody who
 * writes them again by himself; that the disk takes something is enough for them.
 */

import { access, constants, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failureReason } from '../errors/failure-reason';
import { type Clock, systemClock } from '../platform/clock';
import { writeDurably } from '../platform/durable-file';
import { errnoOf, isMissing } from '../platform/errno';
import type { StorageReport } from '../platform/storage-report';
import { doneWithin } from '../platform/with-timeout';
import type { NotKept, RuntimeStorage, StorageUse, StorageView } from '../runtime-api/storage-api';

const MIB = 2 ** 20;
const LOOK_EVERY_MS = 5_000;
const TRY_EVERY_MS = 30_000;
/** With less it is tried whether the disk takes anything. */
const DOUBTFUL_BYTES = MIB;
/** A twentieth of the file system is little, within these bounds: what is kept here never needs more at once. */
const LOW_SHARE = 0.05;
const LOW_AT_LEAST = 32 * MIB;
const LOW_AT_MOST = 512 * MIB;
/** Somewhat more, so that it does not go to and fro. */
const ROOM_AGAIN = 1.1;
/** A whole block, so that it does not fit into the folder's own. */
const TRIED_BYTES = 4_096;
const MODE = 0o600;
const CLOSE_LIMIT_MS = 2_000;
const MS_PER_SECOND = 1_000;

const NAMES: Readonly<Record<Exclude<StorageUse, 'state'>, string>> = {
  disk: 'nothing can be written to the disk of this node',
  history: 'the history is not being kept',
  registers: 'places of new Modbus registers are not being kept, and not served',
  outbox: 'readings that the cluster does not have yet are not being kept',
  prepared: 'what was prepared of a plugin is not being kept',
  'host-toml': 'host.toml could not be written',
};
const WITHOUT_RETRY: ReadonlySet<StorageUse> = new Set(['disk', 'prepared', 'host-toml']);

/** What a file system says of itself. */
export interface Space {
  /** undefined: some network and virtual file systems tell no size at all. */
  readonly bytes: { readonly free: number; readonly size: number } | undefined;
  /** Files that it has room for; undefined where it sets no bound. */
  readonly freeFiles: number | undefined;
}

/** The disk as it is looked at; both throw what the file system throws. */
export interface Disk {
  look(folder: string): Promise<Space>;
  /** Leaves nothing behind. */
  tryToWrite(folder: string): Promise<void>;
}

export interface StorageListener {
  /** `view` is another one in more than its numbers. */
  changed(): void;
  /** The disk takes what it did not take before. */
  writable(): void;
  say(level: 'info' | 'warn', text: string): void;
}

export class StorageHealth implements RuntimeStorage {
  readonly #reports = new Map<string, StorageReport>();
  readonly #notKept = new Map<string, NotKept>();
  #space: Space | undefined;
  #isLow = false;
  /** With which the log was told that the disk cannot be written. */
  #toldReason: string | undefined;
  #failedWrites = 0;
  #lastWrite: number | undefined;
  #lastTry = Number.NEGATIVE_INFINITY;
  #listener: StorageListener | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    /** Need not be there yet, as long as the one above it is. */
    readonly folder: string,
    readonly disk: Disk = REAL_DISK,
    readonly clock: Pick<Clock, 'now' | 'monotonic'> = systemClock,
  ) {}

  /** Looks at the disk from now on, until it is closed. */
  open(listener: StorageListener): void {
    this.#listener = listener;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    void this.look();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#listener = undefined;
    if (this.#looking !== undefined) await doneWithin(CLOSE_LIMIT_MS, this.#looking);
  }

  report(what: StorageUse, plugin?: string): StorageReport {
    const key = keyOf(what, plugin);
    const known = this.#reports.get(key);
    if (known !== undefined) return known;
    const report: StorageReport = {
      written: () => {
        this.#lastWrite = this.clock.monotonic();
        this.#clear([key]);
      },
      failed: (cause) => {
        this.#failedWrites += 1;
        this.#add(what, plugin, cause);
      },
      settled: () => this.#clear([key]),
    };
    this.#reports.set(key, report);
    return report;
  }

  view(): StorageView {
    const bytes = this.#space?.bytes;
    const last = this.#lastWrite;
    const notKept = [...this.#notKept.values()];
    return {
      status: notKept.length > 0 ? 'failing' : this.#isLow ? 'low' : 'ok',
      folder: this.folder,
      ...(bytes === undefined ? {} : { freeBytes: bytes.free, sizeBytes: bytes.size }),
      failedWrites: this.#failedWrites,
      ...(last === undefined ? {} : { secondsSinceLastWrite: (this.clock.monotonic() - last) / MS_PER_SECOND }),
      notKept,
    };
  }

  /** Whoever asks while it is under way waits for it; a disk that does not answer is asked once. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      this.#space = await this.disk.look(this.folder);
    } catch (cause) {
      this.#space = undefined;
      this.#tellDisk(cause);
      return;
    }
    const { bytes, freeFiles } = this.#space;
    if (bytes !== undefined) this.#judge(bytes.free, bytes.size);
    const isFull = freeFiles === 0 || (bytes !== undefined && bytes.free < DOUBTFUL_BYTES);
    const isDoubtful = isFull || this.#notKept.size > 0;
    if (isDoubtful && this.clock.monotonic() - this.#lastTry >= TRY_EVERY_MS) await this.#try();
  }

  async #try(): Promise<void> {
    this.#lastTry = this.clock.monotonic();
    try {
      await this.disk.tryToWrite(this.folder);
    } catch (cause) {
      this.#failedWrites += 1;
      this.#tellDisk(cause);
      return;
    }
    this.#lastWrite = this.clock.monotonic();
    if (this.#notKept.size === 0) return;
    if (this.#notKept.has('disk')) this.#listener?.say('info', `the disk of ${this.folder} can be written again`);
    this.#clear([...this.#notKept].filter(([, { what }]) => WITHOUT_RETRY.has(what)).map(([key]) => key));
    this.#listener?.writable();
  }

  #judge(freeBytes: number, sizeBytes: number): void {
    const bound = Math.min(LOW_AT_MOST, Math.max(LOW_AT_LEAST, sizeBytes * LOW_SHARE));
    const isLow = freeBytes < (this.#isLow ? bound * ROOM_AGAIN : bound);
    if (isLow === this.#isLow) return;
    this.#isLow = isLow;
    const free = `${Math.floor(freeBytes / MIB)} MiB`;
    if (isLow) this.#listener?.say('warn', `the disk of ${this.folder} has ${free} left: make room before it is full`);
    else this.#listener?.say('info', `the disk of ${this.folder} has room again: ${free}`);
    this.#listener?.changed();
  }

  #tellDisk(cause: unknown): void {
    const { reason, message } = this.#add('disk', undefined, cause);
    const isNews = this.#toldReason !== reason;
    this.#toldReason = reason;
    if (isNews) this.#listener?.say('warn', `${message} (${this.folder})`);
  }

  #add(what: StorageUse, plugin: string | undefined, cause: unknown): NotKept {
    const key = keyOf(what, plugin);
    const before = this.#notKept.get(key);
    const entry: NotKept = {
      what,
      ...(plugin === undefined ? {} : { plugin }),
      since: before?.since ?? this.clock.now(),
      reason: errnoOf(cause) ?? '',
      message: `${nameOf(what, plugin)} ${failureReason(cause)}`,
    };
    this.#notKept.set(key, entry);
    if (before?.message !== entry.message) this.#listener?.changed();
    return entry;
  }

  #clear(keys: readonly string[]): void {
    const cleared = keys.filter((key) => this.#notKept.delete(key));
    if (cleared.includes('disk')) this.#toldReason = undefined;
    if (cleared.length > 0) this.#listener?.changed();
  }
}

function nameOf(what: StorageUse, plugin: string | undefined): string {
  return what === 'state' ? `what ${plugin} wants kept is not being kept` : NAMES[what];
}

function keyOf(what: StorageUse, plugin: string | undefined): string {
  return plugin === undefined ? what : `${what}/${plugin}`;
}

const REAL_DISK: Disk = {
  look: async (folder) => {
    try {
      return await spaceOf(folder);
    } catch (error) {
      // It is made with the first file in it.
      if (isMissing(error)) return await spaceOf(dirname(folder));
      throw error;
    }
  },
  tryToWrite: async (folder) => {
    const path = join(folder, '.storage-check');
    await writeDurably(path, new Uint8Array(TRIED_BYTES), { mode: MODE });
    await rm(path, { force: true });
  },
};

/** Root is told EROFS as well by access(2), and may use what is reserved for it. */
async function spaceOf(folder: string): Promise<Space> {
  await access(folder, constants.W_OK);
  const { bsize, blocks, bavail, bfree, files, ffree } = await statfs(folder);
  const free = process.getuid?.() === 0 ? bfree : bavail;
  return {
    bytes: blocks === 0 ? undefined : { free: free * bsize, size: blocks * bsize },
    freeFiles: files === 0 ? undefined : ffree,
  };
}
