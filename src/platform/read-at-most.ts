/**
 * A whole file, up to a size: what is larger is not what was written there, and is refused before memory is taken for it. A file
 * that grows meanwhile gives what it had at first. Throws TooLarge, and what the file system throws.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

export class TooLarge extends Error {
  override readonly name = 'TooLarge';

  constructor(path: string, size: number, limit: number) {
    super(`${path} has ${size} bytes, more than the ${limit} that it may have`);
  }
}

export async function readAtMost(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > limit) throw new TooLarge(path, size, limit);
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let length = -1; length !== 0 && at < size; at += length)
      ({ bytesRead: length } = await file.read(bytes, at, size - at, at));
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}

/** Of UTF-8. */
export async function readTextAtMost(path: string, limit: number): Promise<string> {
  const { buffer, byteOffset, byteLength } = await readAtMost(path, limit);
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

export function readAtMostSync(path: string, limit: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > limit) throw new TooLarge(path, size, limit);
    const bytes = Buffer.alloc(size);
    let at = 0;
    for (let length = -1; length !== 0 && at < size; at += length) length = readSync(file, bytes, at, size - at, at);
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}
