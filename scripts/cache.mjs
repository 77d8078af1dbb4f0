/**
 * Where what is slow to make is kept, outside the repository and for all checkouts: below EDGE_WASI_CACHE, or in the
 * user's cache folder. What is put there is whole or not there at all.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = process.env.EDGE_WASI_CACHE || process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const CACHE = join(ROOT, 'edge-wasi');

export function cachePath(...parts) {
  return join(CACHE, ...parts);
}

/** Written beside its place and renamed: neither a reader nor a second build ever sees half a file. */
export async function placeWhole(write, target) {
  const partial = `${target}.${process.pid}.partial`;
  try {
    await write(partial);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

/** A folder likewise; `fill` is given an empty one. Two that make the same one at once both get it. */
export async function placeFolder(fill, target) {
  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(`${target}.partial-`);
  try {
    await fill(partial);
    await rename(partial, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
