/**
 * Where a plugin's component is: a `.wasm` file in the plugin folder, which wins, or the one bundled with the package.
 * Looking costs one `stat` of the folder and one of the file; the folder is listed again only when its own time stamp
 * says that names came or went.
 */

import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComponentSource } from '../component-store/component-source';
import { failureReason } from '../errors/failure-reason';
import { WasiError } from '../errors/wasi-error';
import { normalisePluginName } from '../host-config/host-config';
import { isMissingPath } from '../platform/errno';

/** A component as it stands now: the same key means the same bytes. */
export interface LocatedComponent {
  readonly origin: 'file' | 'bundled';
  readonly source: ComponentSource;
  /** mtime in ns, size and inode of a file; the digest of a bundled component. */
  readonly key: string;
  /** undefined for a bundled component: only what was prepared of it is here. */
  readonly sizeBytes: number | undefined;
  /** When the file was last written, ms since 1970; 0 for a bundled component. */
  readonly modifiedAt: number;
}

/** A file written this recently may still be being copied: not being usable is no news yet. */
const STILL_COPYING_MS = 2_000;
const SUFFIX = '.wasm';
/** A folder changed this recently may change again without its time stamp moving: file systems tick in ms. */
const STAMP_DOUBT_MS = 100;

const MISSING_STAMP = 'missing';

interface Listing {
  /** Of the folder. */
  readonly stamp: string;
  /** Whether a later change of the folder would have moved its time stamp. */
  readonly sure: boolean;
  readonly files: ReadonlyMap<string, string>;
}

interface Found {
  readonly stats: BigIntStats;
  readonly path: string;
}

export class PluginFiles {
  #listing: Listing | undefined;

  constructor(
    readonly dir: string,
    /** Digest of the bundled component by plugin name. */
    readonly bundled: ReadonlyMap<string, string>,
    readonly now: () => number = Date.now,
  ) {}

  /** undefined: there is no such file and nothing bundled under this name. Throws PLUGIN_STORAGE where nobody can tell. */
  async locate(plugin: string): Promise<LocatedComponent | undefined> {
    // The folder and the file it listed last time, at once: a poll may wait for this.
    const expected = this.#listing?.files.get(plugin);
    const [{ files }, early] = await Promise.all([this.#list(), expected && this.#lookAt(expected)]);
    const file = files.get(plugin);
    const found = file === expected ? early : file && (await this.#lookAt(file));
    if (found) return fromFile(found);
    const digest = this.bundled.get(plugin);
    if (digest === undefined) return undefined;
    return {
      origin: 'bundled',
      source: { kind: 'bundled', digest },
      key: digest,
      sizeBytes: undefined,
      modifiedAt: 0,
    };
  }

  /** Names of all plugins with a file in the folder, sorted. Throws PLUGIN_STORAGE where nobody can tell. */
  async names(): Promise<readonly string[]> {
    return [...(await this.#list()).files.keys()].sort();
  }

  /**
   * Whether there surely is nothing of this name: the folder is there and can be read, and has no such file, nor is one
   * bundled. A folder that is gone as a whole may be a drive that comes back.
   */
  async isGone(plugin: string): Promise<boolean> {
    if (this.bundled.has(plugin)) return false;
    try {
      const { stamp, files } = await this.#list();
      return stamp !== MISSING_STAMP && !files.has(plugin);
    } catch {
      return false;
    }
  }

  /** The file of the folder that is, or would be, a plugin's: its other spelling where that is there. */
  async pathOf(plugin: string): Promise<{ readonly path: string; readonly exists: boolean }> {
    const file = (await this.#list()).files.get(plugin);
    return { path: join(this.dir, file ?? `${plugin}${SUFFIX}`), exists: file !== undefined };
  }

  async #lookAt(file: string): Promise<Found | undefined> {
    const path = join(this.dir, file);
    const stats = await statOrMissing(path);
    return stats?.isFile() ? { stats, path } : undefined;
  }

  async #list(): Promise<Listing> {
    const path = this.dir;
    const folder = await statOrMissing(path);
    if (!folder) return { stamp: MISSING_STAMP, sure: true, files: new Map() };
    const stamp = stampOf(folder);
    if (this.#listing?.sure && this.#listing.stamp === stamp) return this.#listing;
    const sure = this.now() - Number(folder.mtimeMs) > STAMP_DOUBT_MS;
    const names = (await this.#names()).filter((name) => name.endsWith(SUFFIX)).sort();
    const files = new Map(names.map((name) => [normalisePluginName(name.slice(0, -SUFFIX.length)), name]));
    this.#listing = { stamp, sure, files };
    return this.#listing;
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.dir);
    } catch (error) {
      throw unreadable(this.dir, error);
    }
  }
}

/** A time stamp ahead of this clock is no sign of a copy under way: it would look like one for as long. */
export function mayGrow(located: LocatedComponent | undefined, now: number): boolean {
  return located !== undefined && Math.abs(now - located.modifiedAt) < STILL_COPYING_MS;
}

/** The same time stamp, size and inode mean the same content. */
function stampOf({ mtimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs} ${size} ${ino}`;
}

function fromFile({ stats, path }: Found): LocatedComponent {
  return {
    origin: 'file',
    source: { kind: 'file', path },
    key: stampOf(stats),
    sizeBytes: Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
  };
}

async function statOrMissing(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (isMissingPath(error)) return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): WasiError {
  return new WasiError('PLUGIN_STORAGE', `${path} cannot be read ${failureReason(cause)}`, { cause });
}
