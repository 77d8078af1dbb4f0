/**
 * Keeps the prepared store below its cap: the entries unused for longest go first, then the blobs that no entry names and
 * what a crash left: files half-written, and folders of preparations whose Node-RED was killed. Runs after something was
 * added; a loader that misses a blob has it prepared again. Another Node-RED may share the folder: what is young enough
 * to belong to an entry that it is still writing is left alone, and what it removes first is no error.
 */
import type { Stats } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLeftovers } from '../platform/durable-file';
import { isMissing } from '../platform/errno';
import { readTextAtMost } from '../platform/read-at-most';
import { blobsOf, MAX_MANIFEST_BYTES, parseManifest } from '../wasm/manifest';
import type { PreparedStore } from './prepared-store';

/** Some thirty Python plugins; a Pi's card has room for it. */
const CAP_BYTES = 512 * 2 ** 20;
/** Longer than any preparation takes. */
const YOUNG_MS = 10 * 60_000;

interface Stored {
  readonly name: string;
  readonly path: string;
  readonly changedAt: number;
}

/** `space`: where there is none left, young files go as well; another Node-RED that was writing them prepares once more. */
export async function sweep(
  store: PreparedStore,
  capBytes = CAP_BYTES,
  now = Date.now(),
  space: 'enough' | 'short' = 'enough',
): Promise<void> {
  const isYoung = ({ changedAt }: Stored) => space === 'enough' && now - changedAt < YOUNG_MS;
  const files = await filesIn(store.componentsDir);
  const entries = files.filter(({ name }) => name.endsWith('.json')).sort((a, b) => b.changedAt - a.changedAt);
  const kept = new Set<string>();
  let bytes = 0;
  for (const entry of entries) {
    const digests = await digestsNamedIn(entry.path);
    const added = digests.filter((digest) => !kept.has(digest));
    for (const digest of added) bytes += (await statOrMissing(join(store.blobsDir, digest)))?.size ?? 0;
    if (digests.length > 0 && (bytes <= capBytes || isYoung(entry))) for (const digest of added) kept.add(digest);
    else await rm(entry.path, { force: true });
  }
  const unnamed = (await filesIn(store.blobsDir)).filter(({ name }) => !kept.has(name));
  const halfWritten = files.filter(({ name }) => !name.endsWith('.json'));
  for (const file of [...unnamed, ...halfWritten]) if (!isYoung(file)) await rm(file.path, { force: true });
  await removeLeftovers(store.componentsDir, now);
  await removeLeftovers(store.blobsDir, now);
  await removeLeftovers(store.incomingDir, now);
}

function filesIn(folder: string): Promise<Stored[]> {
  return storedIn(folder, (found) => found.isFile());
}

async function storedIn(folder: string, isWanted: (found: Stats) => boolean): Promise<Stored[]> {
  const all: Stored[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await statOrMissing(path);
    if (found && isWanted(found)) all.push({ name, path, changedAt: found.mtimeMs });
  }
  return all;
}

/** None where the entry is damaged, or gone since the folder was listed. */
async function digestsNamedIn(path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readTextAtMost(path, MAX_MANIFEST_BYTES);
  } catch {
    return [];
  }
  const manifest = parseManifest(text);
  return manifest ? blobsOf(manifest) : [];
}

async function statOrMissing(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
