/**
 * A component on its way into the plugin folder: there under a name that no plugin can have, until it is renamed over its
 * plugin's file. What a crash left of one is cleared away when the next runtime opens.
 */
import { chmod, copyFile, link, stat } from 'node:fs/promises';

const NEW_MODE = 0o644;
const PERMISSION_BITS = 0o777;

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

async function modeOf(target: string): Promise<number> {
  try {
    return (await stat(target)).mode & PERMISSION_BITS;
  } catch {
    return NEW_MODE;
  }
}
