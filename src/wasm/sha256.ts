/** The digest by which components, blobs and manifests are known: 64 lower-case hexadecimal digits. */
import { createHash } from 'node:crypto';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
