/**
 * Where a plugin's component is: a `.wasm` file in the plugin folder, which wins, or the one bundled with the package.
 * Asked before every poll, so it costs one `stat` of the folder and one of the file; the folder is listed again only
 * when its own time stamp says that names came or went.
 */
import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '../errors';
import { normalisePluginName } from '../host-config/host-config';
import type { ComponentSource } from '../wasm/loader-channel';

/** A component as it stands now: the same key means the same bytes. */
export interface LocatedComponent {
  readonly origin: 'file' | 'bundled';
  readonly source: ComponentSource;
  /** mtime in ns, size and inode of a file; the digest of a bundled component. */
  readonly key: string;
  /** When the file was last written, ms since 1970; 0 for a bundled component. */
  readonly modifiedAt: number;
}

/** A file written this recently may still be being copied: not being usable is no news yet. */
const STILL_COPYING_MS = 2_000;
const SUFFIX = '.wasm';
/** A folder changed this recently may change again without its time stamp moving: file systems tick in ms. */
const STAMP_DOUBT_MS = 100;

interface Listing {
  readonly stamp: bigint;
  readonly listedAt: number;
  readonly files: ReadonlyMap<string, string>;
}

export class PluginFiles {
  #listing: Listing | undefined;

  constructor(
    readonly dir: string,
    /** Digest of the bundled component by plugin name. */
    readonly bundled: ReadonlyMap<string, string>,
    readonly now: () => number = Date.now,
  ) {}

  /** undefined: there is no such file and nothing bundled under this name. Throws PLUGIN_NOT_FOUND where nobody can tell. */
  async locate(plugin: string): Promise<LocatedComponent | undefined> {
    // The folder and the file it listed last time, at once: every poll waits for this.
    const expected = this.#listing?.files.get(plugin);
    const [files, early] = await Promise.all([this.#files(), expected && this.#lookAt(expected)]);
    const file = files.get(plugin);
    const located = file === expected ? early : file && (await this.#lookAt(file));
    if (located) return located;
    const digest = this.bundled.get(plugin);
    return digest === undefined
      ? undefined
      : { origin: 'bundled', source: { kind: 'bundled', digest }, key: digest, modifiedAt: 0 };
  }

  async #lookAt(file: string): Promise<LocatedComponent | undefined> {
    const path = join(this.dir, file);
    const found = await statOrMissing(path);
    return found?.isFile() ? fromFile(path, found) : undefined;
  }

  async #files(): Promise<ReadonlyMap<string, string>> {
    const folder = await statOrMissing(this.dir);
    if (!folder) return new Map();
    const known = this.#listing;
    if (known && known.stamp === folder.mtimeNs && known.listedAt - Number(folder.mtimeMs) > STAMP_DOUBT_MS)
      return known.files;
    const listedAt = this.now();
    const names = (await this.#list()).filter((name) => name.endsWith(SUFFIX)).sort();
    const files = new Map(names.map((name) => [normalisePluginName(name.slice(0, -SUFFIX.length)), name]));
    this.#listing = { stamp: folder.mtimeNs, listedAt, files };
    return files;
  }

  async #list(): Promise<readonly string[]> {
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

function fromFile(path: string, found: BigIntStats): LocatedComponent {
  return {
    origin: 'file',
    source: { kind: 'file', path },
    key: `${found.mtimeNs} ${found.size} ${found.ino}`,
    modifiedAt: Number(found.mtimeMs),
  };
}

async function statOrMissing(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): WasiError {
  return new WasiError('PLUGIN_NOT_FOUND', `${path} could not be read: ${String(cause)}. Look who may read it`, {
    cause,
  });
}
