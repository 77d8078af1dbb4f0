/**
 * Keeps the prepared store below its cap: the entries unused for longest go first, then the blobs that no entry names.
 * Runs after something was added, in the loader's thread. Another Node-RED may share the folder: files young enough to
 * belong to an entry that it is still writing are left alone.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { blobsOf, parseManifest } from './manifest';
import type { PreparedStore } from './prepared-store';

/** Some thirty Python plugins; a Pi's card has room for it. */
const CAP_BYTES = 512 * 2 ** 20;
/** Longer than any preparation takes. */
const YOUNG_MS = 10 * 60_000;

export function sweep(store: PreparedStore, capBytes = CAP_BYTES, now = Date.now()): void {
  const entries = readdirSync(store.componentsDir)
    .filter((file) => file.endsWith('.json'))
    .map((file) => join(store.componentsDir, file))
    .map((path) => ({ path, usedAt: statSync(path).mtimeMs }))
    .sort((a, b) => b.usedAt - a.usedAt);
  const kept = new Set<string>();
  let bytes = 0;
  for (const { path, usedAt } of entries) {
    const manifest = parseManifest(readFileSync(path, 'utf8'));
    const digests = manifest ? blobsOf(manifest) : [];
    const added = digests.filter((digest) => !kept.has(digest));
    const size = added.reduce((sum, digest) => sum + sizeOf(join(store.blobsDir, digest)), 0);
    if (manifest && (bytes + size <= capBytes || now - usedAt < YOUNG_MS)) {
      bytes += size;
      for (const digest of added) kept.add(digest);
    } else {
      rmSync(path, { force: true });
    }
  }
  for (const file of readdirSync(store.blobsDir)) {
    const path = join(store.blobsDir, file);
    if (!kept.has(file) && now - statSync(path).mtimeMs > YOUNG_MS) rmSync(path, { force: true });
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
