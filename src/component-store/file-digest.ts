/**
 * sha256 of a file, piece by piece. Files of 11 and 18 MB are never held whole: buffers of that size come from glibc's
 * arenas once one of them was freed, and stay resident there (docs/decisions/0005-no-large-buffers.md). Between two pieces
 * the caller's event loop turns. Rejects with what the file system throws.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** A piece is hashed in half a millisecond on a Pi 4, and in 2 ms on a Pi Zero 2 W. */
const PIECE_BYTES = 262_144;

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE_BYTES);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
