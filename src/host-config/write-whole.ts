/**
 * host.toml replaced as a whole, which survives a power failure. Mode and owner stay those of the file that is replaced;
 * where the owner cannot be kept, nothing is written. A link is followed to its file. Throws what the file system throws,
 * and leaves nothing behind.
 */
import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeLeftovers, writeDurably } from '../platform/durable-file';
import { isMissing } from '../platform/errno';

/** Of a file that was not there. */
const NEW_MODE = 0o644;
const MODE_BITS = 0o7777;

/** `mayReplace` is asked last: only a rename comes after it. Returns whether it was replaced. */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  mayReplace: () => Promise<boolean>,
): Promise<boolean> {
  const target = await followed(path);
  // Of a Node-RED that was killed while it wrote. One that cannot be removed is no reason not to write.
  await removeLeftovers(dirname(target), Date.now()).catch(() => 0);
  const old = await statOrMissing(target);
  return await writeDurably(target, bytes, { mode: old ? old.mode & MODE_BITS : NEW_MODE, owner: old, mayReplace });
}

/** A file that is not there yet is its own target. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

async function statOrMissing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
