/**
 * A component on its way into the plugin folder: there under a name that no plugin can have, until it is renamed over its
 * plugin's file. What a crash left of one is cleared away when the next runtime opens.
 */
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, link, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const RANDOM_BYTES = 6;
const LEFT_OVER = /^\..+\.wasm\.[0-9a-f]{12}\.new$/;
/** Another Node-RED may be placing one in the same folder now, which takes seconds. */
const LEFT_FOR_MS = 10 * 60_000;
const NEW_MODE = 0o644;
const PERMISSION_BITS = 0o777;

/** Beside `target`. */
export function stagedPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomBytes(RANDOM_BYTES).toString('hex')}.new`);
}

/** A second name of the same file where that can be had: 18 MB take a second or two on an SD card. */
export async function stage(from: string, staged: string, target: string): Promise<void> {
  try {
    await link(from, staged);
  } catch {
    // Another file system, or one without links: a copy says for itself what is wrong.
    await copyFile(from, staged);
  }
  await chmod(staged, await modeOf(target));
}

/** Throws what the file system throws. */
export async function clearStaged(dir: string, now: number): Promise<void> {
  const paths = (await readdir(dir)).filter((name) => LEFT_OVER.test(name)).map((name) => join(dir, name));
  for (const path of paths) {
    // The name's change, not the file's: a link is as old as what was uploaded.
    const { ctimeMs } = await stat(path);
    if (now - ctimeMs > LEFT_FOR_MS) await rm(path, { force: true });
  }
}

async function modeOf(target: string): Promise<number> {
  try {
    return (await stat(target)).mode & PERMISSION_BITS;
  } catch {
    return NEW_MODE;
  }
}
