/**
 * sha256 of a file, piece by piece. Files of 11 and 18 MB are never held whole: buffers of that size come from glibc's
 * arenas once one of them was freed, and stay resident there (docs/decisions/0005-no-large-buffers.md). Blocks, so it is
 * for the loader's thread. Throws what the file system throws.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

/** Large enough that calls cost nothing beside hashing. */
const PIECE_BYTES = 262_144;

export function fileSha256(path: string): string {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      hash.update(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
