/**
 * Prepared components on disk, by content: `blobs/<sha256>` (glue and core modules, shared between components) and
 * `components/<key>.json`, which names the blobs of one component. Files appear whole and are never changed. Manifests
 * and blobs are checked against their digests when they are used, so that a damaged or altered entry is noticed; preparing
 * the component again replaces it. Reading changes nothing: the store of the package may be read-only. Mode 0600 in folders
 * of mode 0700.
 */
import { rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { failureReason } from '../errors/failure-reason';
import { makeFolder, writeDurably } from '../platform/durable-file';
import { isMissing } from '../platform/errno';
import { readTextAtMost, TooLarge } from '../platform/read-at-most';
import { NO_REPORT, type StorageReport } from '../platform/storage-report';
import { DamagedBlob } from '../wasm/damaged-blob';
import { blobsOf, MAX_MANIFEST_BYTES, type Manifest, manifestText, parseManifest } from '../wasm/manifest';
import { sha256 } from '../wasm/sha256';
import { DiskFailure } from '../wasm/temporary-failure';
import { fileSha256 } from './file-digest';

const MODE = 0o600;

export class PreparedStore {
  constructor(
    readonly root: string,
    /** Versions of everything that shapes a prepared component: another one means another entry. */
    readonly makers: string,
    readonly report: StorageReport = NO_REPORT,
  ) {}

  /** The entry of a component, or undefined where there is none that can be used. Throws DiskFailure. */
  async find(componentDigest: string): Promise<Manifest | undefined> {
    const path = this.#manifestPath(componentDigest);
    let text: string;
    try {
      text = await readTextAtMost(path, MAX_MANIFEST_BYTES);
    } catch (error) {
      if (isMissing(error) || error instanceof TooLarge) return undefined;
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
      for (const [digest, bytes] of blobs) await writeDurably(this.pathOf(digest), bytes, { mode: MODE });
      await writeDurably(this.#manifestPath(manifest.component), manifestText(manifest), { mode: MODE });
    });
  }

  /**
   * An entry whose blobs somebody else wrote to `folder`, each under its digest: they are moved here once they were held
   * against it. `folder` has to be on the same file system. Throws DiskFailure, and DamagedBlob for another content.
   *
   * The blobs are not synced. A Python component has twenty, and where a sync takes 2 s, it was polled 80 s after its file had
   * been copied. A blob that a power failure damages is noticed, and the component is prepared again.
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
        await rename(join(folder, digest), this.pathOf(digest));
      }
      await writeDurably(this.#manifestPath(manifest.component), manifestText(manifest), { mode: MODE });
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
      await makeFolder(this.blobsDir);
      await makeFolder(this.componentsDir);
      await write();
      this.report.written();
    } catch (cause) {
      this.report.failed(cause);
      throw new DiskFailure(`what was prepared could not be kept in ${this.root} ${failureReason(cause)}`, { cause });
    }
  }
}

function unreadable(path: string, cause: unknown): DiskFailure {
  return new DiskFailure(`${path} could not be read ${failureReason(cause)}`, { cause });
}
