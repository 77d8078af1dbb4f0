/**
 * Prepared components on disk, by content: `blobs/<sha256>` (glue and core modules, shared between components) and
 * `components/<key>.json`, which names the blobs of one component. Files appear whole (written beside, then renamed)
 * and are never changed; every blob is checked against its digest when read, so a damaged or altered entry is noticed,
 * dropped and made again. Mode 0600 in folders of mode 0700. Used from the loader's thread only: all calls block.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { WasiError } from '../errors';
import { fileSha256 } from './file-digest';
import { blobsOf, type Manifest, parseManifest } from './manifest';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export class PreparedStore {
  constructor(
    readonly root: string,
    /** Versions of everything that shapes a prepared component: another one means another entry. */
    readonly makers: string,
  ) {}

  /** The entry of a component, or undefined where there is none that can be used. */
  find(componentDigest: string): Manifest | undefined {
    const path = this.#manifestPath(componentDigest);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(path, error);
    }
    const manifest = parseManifest(text);
    if (manifest?.component === componentDigest) return manifest;
    rmSync(path, { force: true });
    return undefined;
  }

  /** Throws PLUGIN_INVALID when the blob is missing or is not what its name says. */
  read(digest: string): Uint8Array {
    const path = this.#blobPath(digest);
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (sha256(bytes) !== digest) throw altered(path);
    return bytes;
  }

  /** The path of a blob that is what its name says, for one too large to be held. Throws as `read` does. */
  check(digest: string): string {
    const path = this.#blobPath(digest);
    let found: string;
    try {
      found = fileSha256(path);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (found !== digest) throw altered(path);
    return path;
  }

  /** Writes blobs first and the manifest last: an entry that can be found is whole. */
  write(manifest: Manifest, blobs: ReadonlyMap<string, Uint8Array>): void {
    for (const [digest, bytes] of blobs) this.#writeWhole(this.#blobPath(digest), bytes);
    this.#writeWhole(this.#manifestPath(manifest.component), JSON.stringify(manifest));
  }

  /** Forgets a component whose blobs turned out damaged, damaged blobs included. */
  drop(manifest: Manifest): void {
    rmSync(this.#manifestPath(manifest.component), { force: true });
    for (const digest of blobsOf(manifest)) {
      try {
        this.check(digest);
      } catch {
        rmSync(this.#blobPath(digest), { force: true });
      }
    }
  }

  /** Marks an entry as used now, which is what the sweep goes by. A read-only store cannot be marked nor swept. */
  touch(componentDigest: string): void {
    const now = new Date();
    try {
      utimesSync(this.#manifestPath(componentDigest), now, now);
    } catch (error) {
      if (!isMissing(error)) throw unreadable(this.root, error);
    }
  }

  get blobsDir(): string {
    return join(this.root, 'blobs');
  }

  get componentsDir(): string {
    return join(this.root, 'components');
  }

  #manifestPath(componentDigest: string): string {
    return join(this.componentsDir, `${sha256(`${this.makers}\n${componentDigest}`)}.json`);
  }

  #blobPath(digest: string): string {
    return join(this.blobsDir, digest);
  }

  #writeWhole(path: string, content: Uint8Array | string): void {
    mkdirSync(this.blobsDir, { recursive: true, mode: 0o700 });
    mkdirSync(this.componentsDir, { recursive: true, mode: 0o700 });
    const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
    try {
      const file = openSync(beside, 'wx', 0o600);
      try {
        writeFileSync(file, content);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, path);
    } catch (cause) {
      rmSync(beside, { force: true });
      throw new WasiError(
        'PLUGIN_INVALID',
        `what was prepared could not be kept: ${String(cause)}. Free space below ${this.root}`,
        {
          cause,
        },
      );
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function altered(path: string): WasiError {
  return new WasiError('PLUGIN_INVALID', `${path} was altered after it was written`);
}

function unreadable(path: string, cause: unknown): WasiError {
  return new WasiError('PLUGIN_INVALID', `${path} could not be read: ${String(cause)}`, { cause });
}
