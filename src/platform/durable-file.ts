/**
 * Files that survive a power failure: what a function of this module has returned from is on the disk, under its name, as a
 * whole. A file is written beside its place, synced, renamed over it, and the folder is synced, since a rename alone may be
 * lost with the power (rename(2), fsync(2)). Until the rename the old file is there, whatever happens.
 *
 * One file is written at a time in the whole process. A sync takes seconds on a slow card and occupies a thread of libuv's
 * pool of four meanwhile; four at once would stop every other access to files, which polls need.
 *
 * All functions throw what the file system throws. What a process that was killed left beside a file is removed by
 * `removeLeftovers`.
 */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf, isMissing, isMissingPath } from './errno';
import { Mutex } from './mutex';

/** A stream of text is written as it comes. */
export type FileContent = Uint8Array | string | AsyncIterable<string>;

export interface DurableWrite {
  /** Permission bits. */
  readonly mode: number;
  /** Of whom the file is to be; where that cannot be had, nothing is written. */
  readonly owner?: Pick<Stats, 'uid' | 'gid'> | undefined;
  /** Asked when all is written: only the rename comes after it. */
  readonly mayReplace?: (() => Promise<boolean>) | undefined;
}

const RANDOM_BYTES = 6;
const LEFTOVER = /^\..+\.([0-9]{1,10})\.[0-9a-f]{12}\.new$/;
/** Of a process that cannot be asked for, such as one of another container that shares the folder. */
const LEFT_FOR_MS = 10 * 60_000;
/** A file system that syncs no folders: nothing can be done there. */
const NO_FOLDER_SYNC: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EISDIR']);

const writing = new Mutex();
/** Files of this process that are being written. */
const inUse = new Set<string>();

/** Returns whether it was replaced, which only `mayReplace` can prevent. Missing folders are made, of mode 0700. */
export async function writeDurably(path: string, content: FileContent, options: DurableWrite): Promise<boolean> {
  await makeFolder(dirname(path));
  const beside = new Beside(path);
  try {
    return await writing.run(async () => {
      await writeSynced(beside.path, content, options);
      if (options.mayReplace !== undefined && !(await options.mayReplace())) return false;
      await rename(beside.path, path);
      await syncFolder(dirname(path));
      return true;
    });
  } finally {
    await beside.discard();
  }
}

/** A file that was written by other means, under the name that it is to have. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await writing.run(async () => {
    await syncFile(from);
    await rename(from, to);
    await syncFolder(dirname(to));
  });
}

/** Where a file, or a folder, is made before it takes the place of `target`: in the same folder, under a name of its own. */
export class Beside {
  readonly path: string;

  constructor(target: string) {
    const random = randomBytes(RANDOM_BYTES).toString('hex');
    this.path = join(dirname(target), `.${basename(target)}.${process.pid}.${random}.new`);
    inUse.add(this.path);
  }

  /** Where it did not take its place, a full disk gets back what it took. Never rejects: the failure before is what is told. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true, recursive: true }).catch(() => undefined);
    inUse.delete(this.path);
  }
}

/** Whether this is the name of a file on its way to its place. */
export function isBeside(name: string): boolean {
  return LEFTOVER.test(name);
}

/**
 * Removes what processes that were killed left beside the files of a folder; of living ones nothing. Returns how many files
 * there were; none where there is no such folder.
 */
export async function removeLeftovers(folder: string, now: number): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (!isBeside(name) || inUse.has(path) || !(await isLeft(path, name, now))) continue;
    await rm(path, { force: true, recursive: true });
    removed += 1;
  }
  return removed;
}

/**
 * Makes a folder and those above it that are missing, of mode 0700 where no other is given, and syncs each. Unlike mkdir's
 * `recursive` it throws the true reason: that option says ENOENT where the file system is read-only or has no inode left.
 */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && (await isFolder(path))) return;
    if (!isMissing(error) || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await mkdir(path, { mode }).catch((again: unknown) => {
      if (errnoOf(again) !== 'EEXIST') throw again;
    });
  }
  await syncFolder(dirname(path));
}

/** The bytes of a file that somebody else wrote. */
export async function syncFile(path: string): Promise<void> {
  await withFile(path, (file) => file.sync());
}

/** The names in a folder: a file that was made, renamed or removed is so after a power failure, too. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folder, and needs none of this.
  if (process.platform === 'win32') return;
  await withFile(path, async (folder) => {
    try {
      await folder.sync();
    } catch (error) {
      if (!NO_FOLDER_SYNC.has(errnoOf(error))) throw error;
    }
  });
}

async function writeSynced(path: string, content: FileContent, { mode, owner }: DurableWrite): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await file.writeFile(content);
    else for await (const piece of content) await file.appendFile(piece);
    const made = await file.stat();
    if (owner && (owner.uid !== made.uid || owner.gid !== made.gid)) await file.chown(owner.uid, owner.gid);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function withFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r');
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // That it is a file is told by whoever wants to write in it.
    if (isMissingPath(error)) return [];
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // A link that leads nowhere: mkdir's own error says more.
    return false;
  }
}

/** In a container, a process that was killed had the number of this one, as a rule. */
async function isLeft(path: string, name: string, now: number): Promise<boolean> {
  const pid = Number(LEFTOVER.exec(name)?.[1]);
  if (pid === process.pid || !isAlive(pid)) return true;
  try {
    // The name's change, not the file's: a second name of an uploaded file is as old as that one.
    return now - (await lstat(path)).ctimeMs > LEFT_FOR_MS;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
