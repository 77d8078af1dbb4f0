/**
 * A small file replaced as a whole: written beside it, flushed, renamed over it. Mode and owner stay those of the file that
 * is replaced; where the owner cannot be kept, nothing is written. A link is followed to its file. Throws what the file
 * system throws, and leaves nothing behind.
 */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Of a file that was not there. */
const NEW_MODE = 0o644;
const MODE_BITS = 0o7777;

/** `mayReplace` is asked last: only a rename comes after it. Returns whether it was replaced. */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  mayReplace: () => Promise<boolean>,
): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  const target = await followed(path);
  const old = await statOrMissing(target);
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.new`);
  try {
    await writeBeside(beside, bytes, old);
    if (!(await mayReplace())) return false;
    await rename(beside, target);
    return true;
  } finally {
    await rm(beside, { force: true });
  }
}

async function writeBeside(path: string, bytes: Uint8Array, old: Stats | undefined): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    const made = await file.stat();
    if (old && (old.uid !== made.uid || old.gid !== made.gid)) await file.chown(old.uid, old.gid);
    await file.chmod(old ? old.mode & MODE_BITS : NEW_MODE);
    await file.sync();
  } finally {
    await file.close();
  }
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
