/**
 * What plugins keep over restarts: one small JSON file each, `<dir>/<plugin>.json`, values in base64. Written whole
 * beside and renamed, one write at a time for a plugin, and only when something changed: these lie on SD cards. What changes
 * during a write is written by the next one, together; what could not be written, with the next change or at the end.
 * Changes after which a plugin would keep more than it may are refused as a whole: the guest's own thread refuses them one
 * by one before, so that only a guest that is not what it was can send them.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_CHANGES, MAX_KEY_LENGTH, MAX_KEYS, MAX_TOTAL_BYTES } from '../capabilities/state-limits';
import { WasiError } from '../errors';
import { FIXED } from '../limit-text';

export type StateValues = ReadonlyMap<string, Uint8Array>;

export class StateFiles {
  readonly #values = new Map<string, StateValues>();
  /** Of plugins whose file is being written. */
  readonly #writes = new Map<string, Promise<void>>();
  /** Plugins whose file is not what they have kept. */
  readonly #behind = new Set<string>();
  /** Plugins of which was said that their file cannot be written. */
  readonly #failing = new Set<string>();
  /** Plugins of which was said that they want too much kept. */
  readonly #refused = new Set<string>();

  constructor(
    readonly dir: string,
    /**
     * Told what could not be written, once until it can, or not be understood when it was read: either costs state, no
     * poll.
     */
    readonly onLoss: (error: WasiError) => void,
  ) {}

  /** What the plugin has kept; nothing when its file is missing or not what was written here. */
  async read(plugin: string): Promise<StateValues> {
    const known = this.#values.get(plugin);
    if (known) return known;
    const path = this.#path(plugin);
    const text = await textOrNothing(path);
    const values = text === undefined ? new Map<string, Uint8Array>() : parse(text);
    if (!values) this.onLoss(new WasiError('PLUGIN_ERROR', `${path} is damaged: ${plugin} starts without kept state`));
    const kept = values ?? new Map<string, Uint8Array>();
    this.#values.set(plugin, kept);
    return kept;
  }

  /** Takes changes over at once and writes them in the background; `flush` waits for it. */
  apply(plugin: string, changes: ReadonlyMap<string, Uint8Array | undefined>): void {
    if (changes.size === 0) return;
    const values = changed(this.#values.get(plugin) ?? new Map(), changes);
    if (values === undefined) {
      this.#refuse(plugin);
      return;
    }
    this.#refused.delete(plugin);
    this.#values.set(plugin, values);
    this.#behind.add(plugin);
    void this.#written(plugin);
  }

  #refuse(plugin: string): void {
    if (this.#refused.has(plugin)) return;
    this.#refused.add(plugin);
    const most = `${MAX_KEYS} keys of ${MAX_KEY_LENGTH} characters, ${MAX_TOTAL_BYTES} bytes in all`;
    this.onLoss(
      new WasiError('PLUGIN_ERROR', `${plugin} wants more kept than ${most} ${FIXED}: its changes are not kept`),
    );
  }

  /** Of a plugin that is gone for good, and closed. What cannot be removed is told. */
  async forget(plugin: string): Promise<void> {
    this.#values.delete(plugin);
    this.#behind.delete(plugin);
    this.#refused.delete(plugin);
    await this.#writes.get(plugin);
    const path = this.#path(plugin);
    try {
      await rm(path, { force: true });
    } catch (cause) {
      this.onLoss(new WasiError('PLUGIN_ERROR', `${path} could not be removed: ${String(cause)}`, { cause }));
    }
  }

  async flush(): Promise<void> {
    await Promise.all(this.#writes.values());
    await Promise.all([...this.#behind].map((plugin) => this.#written(plugin)));
  }

  #written(plugin: string): Promise<void> {
    const running = this.#writes.get(plugin);
    if (running) return running;
    const write = this.#writeWhatChanges(plugin);
    this.#writes.set(plugin, write);
    return write;
  }

  async #writeWhatChanges(plugin: string): Promise<void> {
    let canWrite = true;
    while (canWrite && this.#behind.delete(plugin)) {
      canWrite = await this.#write(plugin, this.#values.get(plugin) ?? new Map());
      if (!canWrite) this.#behind.add(plugin);
    }
    this.#writes.delete(plugin);
  }

  /** Whether it could be. */
  async #write(plugin: string, values: StateValues): Promise<boolean> {
    const path = this.#path(plugin);
    const text = JSON.stringify(
      Object.fromEntries([...values].map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')])),
    );
    try {
      await mkdir(this.dir, { recursive: true, mode: 0o700 });
      const file = await open(`${path}.new`, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      this.#failing.delete(plugin);
      return true;
    } catch (cause) {
      if (this.#failing.has(plugin)) return false;
      this.#failing.add(plugin);
      this.onLoss(
        new WasiError('PLUGIN_ERROR', `what ${plugin} wants kept could not be written to ${path}: ${String(cause)}`, {
          cause,
        }),
      );
      return false;
    }
  }

  #path(plugin: string): string {
    return join(this.dir, `${encodeURIComponent(plugin)}.json`);
  }
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

async function textOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new WasiError('PLUGIN_ERROR', `${path} could not be read: ${String(error)}`, { cause: error });
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
