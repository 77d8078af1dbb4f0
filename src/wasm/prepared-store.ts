/**
 * Prepared components on disk, by content: `blobs/<sha256>` (glue and core modules, shared between components) and
 * `components/<key>.json`, which names the blobs of one component. Files appear whole (written beside, then renamed)
 * and are never changed; manifests and blobs are checked against their digests when read, so a damaged or altered entry
 * is noticed; writing it again replaces it. Reading changes nothing: the store of the package may be read-only. Mode 0600
 * in folders of mode 0700. All calls block: for the threads that load and prepare only.
 */
import { randomBytes } from 'node:crypto';
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
import { DamagedBlob } from './damaged-blob';
import { DiskFailure } from './disk-failure';
import { fileSha256 } from './file-digest';
import { type Manifest, manifestText, parseManifest } from './manifest';
import { sha256 } from './sha256';

export class PreparedStore {
  constructor(
    readonly root: string,
    /** Versions of everything that shapes a prepared component: another one means another entry. */
    readonly makers: string,
  ) {}

  /** The entry of a component, or undefined where there is none that can be used. Throws DiskFailure. */
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
    return manifest?.component === componentDigest ? manifest : undefined;
  }

  /** Throws DamagedBlob. */
  read(digest: string): Uint8Array {
    const path = this.#blobPath(digest);
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (cause) {
      throw DamagedBlob.unreadable(path, cause);
    }
    if (sha256(bytes) !== digest) throw DamagedBlob.altered(path);
    return bytes;
  }

  /** Where a blob lies that is too large to be held: whoever reads it holds it against its digest. */
  pathOf(digest: string): string {
    return this.#blobPath(digest);
  }

  /** Holds a blob against its digest without keeping it. Throws DamagedBlob. */
  check(digest: string): void {
    const path = this.#blobPath(digest);
    let found: string;
    try {
      found = fileSha256(path);
    } catch (cause) {
      throw DamagedBlob.unreadable(path, cause);
    }
    if (found !== digest) throw DamagedBlob.altered(path);
  }

  /** Writes blobs first and the manifest last: an entry that can be found is whole. Throws DiskFailure. */
  write(manifest: Manifest, blobs: ReadonlyMap<string, Uint8Array>): void {
    for (const [digest, bytes] of blobs) this.#writeWhole(this.#blobPath(digest), bytes);
    this.#writeWhole(this.#manifestPath(manifest.component), manifestText(manifest));
  }

  /** Marks an entry as used now, which is what the sweep goes by. */
  touch(componentDigest: string): void {
    const now = new Date();
    try {
      utimesSync(this.#manifestPath(componentDigest), now, now);
    } catch {
      // Swept meanwhile, or written by another user: it can be used all the same.
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
    const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
    try {
      mkdirSync(this.blobsDir, { recursive: true, mode: 0o700 });
      mkdirSync(this.componentsDir, { recursive: true, mode: 0o700 });
      const file = openSync(beside, 'wx', 0o600);
      try {
        writeFileSync(file, content);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, path);
    } catch (cause) {
      removeIfThere(beside);
      throw new DiskFailure(
        `what was prepared could not be kept: ${String(cause)}. ${this.root} needs free space, and must be writable`,
        { cause },
      );
    }
  }
}

/** After a failure to write: one to remove must not take its place. A sweep removes what stays. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder itself is what failed.
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(path: string, cause: unknown): DiskFailure {
  return new DiskFailure(`${path} could not be read: ${String(cause)}`, { cause });
}
