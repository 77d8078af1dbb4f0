/**
 * Prepared components on disk, by content: `blobs/<sha256>` (glue and core modules, shared between components) and
 * `components/<key>.json`, which names the blobs of one component. Files appear whole (written beside, then renamed)
 * and are never changed; manifests and blobs are checked against their digests when they are used, so a damaged or altered
 * entry is noticed; writing it again replaces it. Reading changes nothing: the store of the package may be read-only. Mode
 * 0600 in folders of mode 0700.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedBlob } from '../wasm/damaged-blob';
import { DiskFailure } from '../wasm/disk-failure';
import { blobsOf, MAX_MANIFEST_BYTES, type Manifest, manifestText, parseManifest } from '../wasm/manifest';
import { sha256 } from '../wasm/sha256';
import { fileSha256 } from './file-digest';

export class PreparedStore {
  constructor(
    readonly root: string,
    /** Versions of everything that shapes a prepared component: another one means another entry. */
    readonly makers: string,
  ) {}

  /** The entry of a component, or undefined where there is none that can be used. Throws DiskFailure. */
  async find(componentDigest: string): Promise<Manifest | undefined> {
    const path = this.#manifestPath(componentDigest);
    let text: string;
    try {
      const { size } = await stat(path);
      if (size > MAX_MANIFEST_BYTES) return undefined;
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(path, error);
    }
    const manifest = parseManifest(text);
    return manifest?.component === componentDigest ? manifest : undefined;
  }

  /** The path of a blob. Readers verify its content against the digest. */
  pathOf(digest: string): string {
    return join(this.blobsDir, digest);
  }

  /** Compares a blob with its digest, and does not keep it in memory. Throws DamagedBlob. */
  async check(digest: string): Promise<void> {
    const path = this.pathOf(digest);
    let found: string;
    try {
      found = await fileSha256(path);
    } catch (cause) {
      throw DamagedBlob.unreadable(path, cause);
    }
    if (found !== digest) throw DamagedBlob.altered(path);
  }

  /** Writes blobs first and the manifest last: an entry that can be found is whole. Throws DiskFailure. */
  async write(manifest: Manifest, blobs: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await this.#writing(async () => {
      for (const [digest, bytes] of blobs) await writeWhole(this.pathOf(digest), bytes);
      await writeWhole(this.#manifestPath(manifest.component), manifestText(manifest));
    });
  }

  /**
   * An entry whose blobs somebody else wrote to `folder`, each under its digest: they are moved here once they were held
   * against it. `folder` has to be on the same file system. Throws DiskFailure, and DamagedBlob for another content.
   */
  async adopt(manifest: Manifest, folder: string): Promise<void> {
    for (const digest of blobsOf(manifest)) {
      const path = join(folder, digest);
      const found = await fileSha256(path).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      if (found !== digest) throw DamagedBlob.altered(path);
    }
    await this.#writing(async () => {
      for (const digest of new Set(blobsOf(manifest))) {
        await writtenOut(join(folder, digest));
        await rename(join(folder, digest), this.pathOf(digest));
      }
      await writeWhole(this.#manifestPath(manifest.component), manifestText(manifest));
    });
  }

  /** Marks an entry as used now, which is what the sweep goes by. */
  async touch(componentDigest: string): Promise<void> {
    const now = new Date();
    try {
      await utimes(this.#manifestPath(componentDigest), now, now);
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

  /** Where the folders lie that an entry comes from: on the same file system, so that its blobs can be moved. */
  get incomingDir(): string {
    return join(this.root, 'incoming');
  }

  #manifestPath(componentDigest: string): string {
    return join(this.componentsDir, `${sha256(`${this.makers}\n${componentDigest}`)}.json`);
  }

  async #writing(write: () => Promise<void>): Promise<void> {
    try {
      await mkdir(this.blobsDir, { recursive: true, mode: 0o700 });
      await mkdir(this.componentsDir, { recursive: true, mode: 0o700 });
      await write();
    } catch (cause) {
      throw new DiskFailure(
        `what was prepared could not be kept: ${String(cause)}. ${this.root} needs free space, and must be writable`,
        { cause },
      );
    }
  }
}

async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await removeIfThere(beside);
    throw cause;
  }
}

/** Its bytes are on the disk before its name is: a power failure leaves no file that is cut off. */
async function writtenOut(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** After a failure to write: one to remove must not take its place. A sweep removes what stays. */
async function removeIfThere(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
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
