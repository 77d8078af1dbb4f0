/**
 * What plugins keep over restarts: one small JSON file each, `<dir>/<plugin>.json`, values in base64, written as a whole so
 * that it survives a power failure, and only when something changed.
 *
 * These files lie on SD cards, and a plugin may change its state at every call. The first change is written at once; what
 * changes within the next 5 s is written together after them, and a large state more seldom, at most 4 MiB an hour. A power
 * failure costs what changed since; what ends Node-RED in any other way costs nothing, since `flush` writes the rest. A write
 * that failed is tried again after 5 s to 60 s. One plugin's file is written at a time, with the newest state.
 *
 * Changes after which a plugin would keep more than it may are refused as a whole: the guest's own thread refuses them one
 * by one before, so that only a guest that is not what it was can send them.
 */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_CHANGES, MAX_KEY_LENGTH, MAX_KEYS, MAX_TOTAL_BYTES } from '../capabilities/state-limits';
import { failureReason } from '../errors/failure-reason';
import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { type Backoff, backoffMs } from '../platform/backoff';
import { removeLeftovers, writeDurably } from '../platform/durable-file';
import { isMissingPath } from '../platform/errno';
import { Mutex } from '../platform/mutex';
import { readTextAtMost, TooLarge } from '../platform/read-at-most';
import { NO_REPORT, type StorageReport } from '../platform/storage-report';

export type StateValues = ReadonlyMap<string, Uint8Array>;

const MODE = 0o600;
/** What a plugin may keep has at most some 100 KB in this form. */
const MAX_FILE_BYTES = 2 ** 20;
const WRITE_EVERY_MS = 5_000;
const MAX_BYTES_PER_HOUR = 4 * 2 ** 20;
const HOUR_MS = 3_600_000;
const BACKOFF: Backoff = { firstMs: 5_000, maxMs: 60_000 };

/** Of which tests have their own. */
export interface StateTiming {
  /** Monotonic ms. */
  now(): number;
  /** Returns how to call it off. */
  later(ms: number, work: () => void): () => void;
}

/** A process that ends without closing loses no more than with a power failure. */
export const SYSTEM_TIMING: StateTiming = {
  now: () => performance.now(),
  later: (ms, work) => {
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  },
};

interface Kept {
  values: StateValues;
  /** Whether the file is not what is kept. */
  isBehind: boolean;
  /** Whether it was told that the plugin wants too much kept. */
  isRefused: boolean;
  /** Writes in a row that failed. */
  failures: number;
  /** Monotonic ms. */
  notBefore: number;
  /** Calls off the write that is due later. */
  callOff: (() => void) | undefined;
  writing: Promise<void> | undefined;
}

export class StateFiles {
  readonly #kept = new Map<string, Kept>();
  readonly #turn = new Mutex();
  #cleared: Promise<void> | undefined;

  constructor(
    readonly dir: string,
    /**
     * Told what could not be written, once until it can, or not be understood when it was read: either costs state, no
     * poll.
     */
    readonly onLoss: (error: WasiError) => void,
    readonly timing = SYSTEM_TIMING,
    readonly reportOf: (plugin: string) => StorageReport = () => NO_REPORT,
  ) {}

  /** What the plugin has kept; nothing when its file is missing or not what was written here. */
  async read(plugin: string): Promise<StateValues> {
    this.#cleared ??= this.#clearLeftovers();
    await this.#cleared;
    const known = this.#kept.get(plugin);
    if (known) return known.values;
    const values = await this.#readFile(plugin);
    // A change may have come meanwhile, of a guest that ran before.
    return this.#of(plugin, values).values;
  }

  /** Takes changes over at once and writes them in the background; `flush` waits for it. */
  apply(plugin: string, changes: ReadonlyMap<string, Uint8Array | undefined>): void {
    if (changes.size === 0) return;
    const kept = this.#of(plugin, new Map());
    const values = changed(kept.values, changes);
    if (values === undefined) {
      this.#refuse(plugin, kept);
      return;
    }
    kept.isRefused = false;
    kept.values = values;
    kept.isBehind = true;
    this.#writeWhenDue(plugin, kept);
  }

  /** Of a plugin that is gone for good, and closed. What cannot be removed is told. */
  async forget(plugin: string): Promise<void> {
    const kept = this.#kept.get(plugin);
    this.#kept.delete(plugin);
    kept?.callOff?.();
    await kept?.writing;
    this.reportOf(plugin).settled();
    const path = this.#path(plugin);
    try {
      await rm(path, { force: true });
    } catch (cause) {
      this.onLoss(new WasiError('PLUGIN_ERROR', `${path} could not be removed ${failureReason(cause)}`, { cause }));
    }
  }

  /** Writes what is not written yet, as far as it can be. */
  async flush(): Promise<void> {
    await Promise.all(
      [...this.#kept].map(async ([plugin, kept]) => {
        await kept.writing;
        if (kept.isBehind) await this.#write(plugin, kept);
      }),
    );
  }

  /** After the last flush: nothing is tried again. */
  async close(): Promise<void> {
    await this.flush();
    for (const { callOff } of this.#kept.values()) callOff?.();
  }

  #of(plugin: string, values: StateValues): Kept {
    const known = this.#kept.get(plugin);
    if (known) return known;
    const kept: Kept = {
      values,
      isBehind: false,
      isRefused: false,
      failures: 0,
      notBefore: Number.NEGATIVE_INFINITY,
      callOff: undefined,
      writing: undefined,
    };
    this.#kept.set(plugin, kept);
    return kept;
  }

  #refuse(plugin: string, kept: Kept): void {
    if (kept.isRefused) return;
    kept.isRefused = true;
    const most = `${MAX_KEYS} keys of ${MAX_KEY_LENGTH} characters, ${MAX_TOTAL_BYTES} bytes in all`;
    this.onLoss(
      new WasiError('PLUGIN_ERROR', `${plugin} wants more kept than ${most} ${FIXED}: its changes are not kept`),
    );
  }

  #writeWhenDue(plugin: string, kept: Kept): void {
    if (kept.writing !== undefined || kept.callOff !== undefined) return;
    const waitMs = kept.notBefore - this.timing.now();
    if (waitMs <= 0) {
      void this.#write(plugin, kept);
      return;
    }
    kept.callOff = this.timing.later(waitMs, () => void this.#write(plugin, kept));
  }

  /** Never rejects. */
  #write(plugin: string, kept: Kept): Promise<void> {
    kept.callOff?.();
    kept.callOff = undefined;
    kept.writing ??= this.#turn
      .run(() => this.#writeNow(plugin, kept))
      .finally(() => {
        kept.writing = undefined;
        if (kept.isBehind && this.#kept.get(plugin) === kept) this.#writeWhenDue(plugin, kept);
      });
    return kept.writing;
  }

  async #writeNow(plugin: string, kept: Kept): Promise<void> {
    const path = this.#path(plugin);
    const text = textOf(kept.values);
    kept.isBehind = false;
    try {
      await writeDurably(path, text, { mode: MODE });
      this.reportOf(plugin).written();
      kept.failures = 0;
      kept.notBefore = this.timing.now() + Math.max(WRITE_EVERY_MS, (text.length / MAX_BYTES_PER_HOUR) * HOUR_MS);
    } catch (cause) {
      this.reportOf(plugin).failed(cause);
      kept.isBehind = true;
      kept.failures += 1;
      kept.notBefore = this.timing.now() + backoffMs(BACKOFF, kept.failures);
      if (kept.failures > 1) return;
      const what = `what ${plugin} wants kept could not be written to ${path} ${failureReason(cause)}`;
      this.onLoss(new WasiError('PLUGIN_ERROR', `${what}; it is tried again`, { cause }));
    }
  }

  /** One that is not what was written here is set aside, so that nothing of it is lost. */
  async #readFile(plugin: string): Promise<StateValues> {
    const path = this.#path(plugin);
    const text = await textOrNothing(path);
    const values = text === undefined ? new Map<string, Uint8Array>() : parse(text);
    if (values) return values;
    const aside = `${path}.broken`;
    try {
      await rename(path, aside);
    } catch (cause) {
      throw new WasiError('PLUGIN_ERROR', `${path} is damaged, and could not be set aside ${failureReason(cause)}`, {
        cause,
      });
    }
    this.onLoss(
      new WasiError(
        'PLUGIN_ERROR',
        `${path} is damaged: ${plugin} starts without kept state; the file is kept as ${aside}`,
      ),
    );
    return new Map();
  }

  /** One that cannot be removed costs some room on the disk, and nothing else. */
  async #clearLeftovers(): Promise<void> {
    try {
      await removeLeftovers(this.dir, Date.now());
    } catch (cause) {
      const what = `${this.dir} could not be cleared of unfinished files ${failureReason(cause)}`;
      this.onLoss(new WasiError('PLUGIN_ERROR', what, { cause }));
    }
  }

  #path(plugin: string): string {
    return join(this.dir, `${encodeURIComponent(plugin)}.json`);
  }
}

function textOf(values: StateValues): string {
  return JSON.stringify(
    Object.fromEntries([...values].map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')])),
  );
}

/** undefined where that is more than a plugin may keep. What it has already, from a file, is not held against it. */
function changed(before: StateValues, changes: ReadonlyMap<string, Uint8Array | undefined>): StateValues | undefined {
  if (changes.size > MAX_CHANGES) return undefined;
  const values = new Map(before);
  for (const [key, value] of changes) {
    if (value === undefined) values.delete(key);
    else if (key.length > MAX_KEY_LENGTH) return undefined;
    else values.set(key, value);
  }
  const fits = values.size <= Math.max(MAX_KEYS, before.size);
  return fits && bytesOf(values) <= Math.max(MAX_TOTAL_BYTES, bytesOf(before)) ? values : undefined;
}

function bytesOf(values: StateValues): number {
  let bytes = 0;
  for (const { length } of values.values()) bytes += length;
  return bytes;
}

/** What is too large is not read, and is nothing that was written here. */
async function textOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readTextAtMost(path, MAX_FILE_BYTES);
  } catch (error) {
    if (error instanceof TooLarge) return '';
    // That the folder is none is told when something is to be written.
    if (isMissingPath(error)) return undefined;
    throw new WasiError('PLUGIN_ERROR', `${path} could not be read ${failureReason(error)}`, { cause: error });
  }
}

/** undefined for what was not written here. */
function parse(text: string): Map<string, Uint8Array> | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  const entries = Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new Map(entries.map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))]));
}
