/**
 * Keeps the prepared store below its cap: the entries unused for longest go first, then the blobs that no entry names and
 * what a crash left half-written. Runs after something was added, in the thread that prepared it; the loader's thread, which
 * reads meanwhile, has what it misses prepared anew. Another Node-RED may share the folder: files young enough to belong to
 * an entry that it is still writing are left alone, and one that it removes first is no error.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { blobsOf, parseManifest } from './manifest';
import type { PreparedStore } from './prepared-store';

/** Some thirty Python plugins; a Pi's card has room for it. */
const CAP_BYTES = 512 * 2 ** 20;
/** Longer than any preparation takes. */
const YOUNG_MS = 10 * 60_000;

interface StoredFile {
  readonly name: string;
  readonly path: string;
  readonly changedAt: number;
}

export function sweep(store: PreparedStore, capBytes = CAP_BYTES, now = Date.now()): void {
  const isYoung = ({ changedAt }: StoredFile) => now - changedAt < YOUNG_MS;
  const files = filesIn(store.componentsDir);
  const entries = files.filter(({ name }) => name.endsWith('.json')).sort((a, b) => b.changedAt - a.changedAt);
  const kept = new Set<string>();
  let bytes = 0;
  for (const entry of entries) {
    const digests = digestsNamedIn(entry.path);
    const added = digests.filter((digest) => !kept.has(digest));
    bytes += added.reduce((sum, digest) => sum + sizeOf(join(store.blobsDir, digest)), 0);
    if (digests.length > 0 && (bytes <= capBytes || isYoung(entry))) for (const digest of added) kept.add(digest);
    else rmSync(entry.path, { force: true });
  }
  const unnamed = filesIn(store.blobsDir).filter(({ name }) => !kept.has(name));
  const halfWritten = files.filter(({ name }) => !name.endsWith('.json'));
  for (const file of [...unnamed, ...halfWritten]) if (!isYoung(file)) rmSync(file.path, { force: true });
}

function filesIn(folder: string): StoredFile[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? [{ name, path, changedAt: found.mtimeMs }] : [];
  });
}

/** None where the entry is damaged, or gone since the folder was listed. */
function digestsNamedIn(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const manifest = parseManifest(text);
  return manifest ? blobsOf(manifest) : [];
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
