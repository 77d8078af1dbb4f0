/**
 * A body written to a file as it comes in, piece by piece, never held whole: 0600, under a name of its own, counted while
 * it is written, and removed where it breaks off or is too large. Throws PLUGIN_INVALID, and PLUGIN_STORAGE where the disk
 * does not take it.
 */
import { open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failureReason } from '../errors/failure-reason';
import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { makeFolder } from '../platform/durable-file';
import { isMissing } from '../platform/errno';

/** Files of this process that are in use: a second runtime of the same user directory must not clear them away. */
const inUse = new Set<string>();

export class ReceivedFile {
  #released = false;

  private constructor(
    readonly path: string,
    readonly sizeBytes: number,
  ) {}

  static async receive(path: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReceivedFile> {
    inUse.add(path);
    try {
      return new ReceivedFile(path, await write(path, body, maxBytes));
    } catch (cause) {
      await discarded(path);
      if (cause instanceof WasiError) throw cause;
      throw new WasiError('PLUGIN_INVALID', `the upload broke off (${String(cause)}). Send it again`, { cause });
    }
  }

  /** Idempotent. Never rejects: what the disk keeps is removed, or told of, by the next process. */
  async remove(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await discarded(this.path);
  }
}

/** Removes what an earlier process left behind; nothing where there is no such folder. */
export async function clearReceived(dir: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  const left = names.map((name) => join(dir, name)).filter((path) => !inUse.has(path));
  await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })));
}

async function write(path: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number> {
  const file = await onDisk(path, async () => {
    await makeFolder(dirname(path));
    return await open(path, 'wx', 0o600);
  });
  let bytes = 0;
  try {
    for await (const piece of body) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      await onDisk(path, () => file.writeFile(piece));
    }
  } finally {
    await file.close();
  }
  return bytes;
}

/** What the disk refuses is no fault of the upload, and sending it again does not help. */
async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new WasiError('PLUGIN_STORAGE', `the upload could not be kept in ${dirname(path)} ${failureReason(cause)}`, {
      cause,
    });
  }
}

export function tooLarge(maxBytes: number): WasiError {
  return new WasiError('PLUGIN_INVALID', `it has more than the ${maxBytes} bytes that an upload may have ${FIXED}`);
}

async function discarded(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch {
    // Nobody's work may end with it: neither an installation nor the closing of a runtime.
  } finally {
    inUse.delete(path);
  }
}
