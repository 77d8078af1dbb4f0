/** Looks at a prepared store from outside, as somebody who damages it would. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreparedStore } from '../../src/component-store/prepared-store';

export function manifestsOf(store: PreparedStore): string[] {
  return readdirSync(store.componentsDir).map((name) => join(store.componentsDir, name));
}

export function blobsOf(store: PreparedStore): string[] {
  return readdirSync(store.blobsDir).map((name) => join(store.blobsDir, name));
}

/** Path, size and time of every file below: the same text means that nothing was written. */
export function fingerprint(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      const { mtimeMs, size } = statSync(path);
      return entry.isDirectory() ? `${path} {\n${fingerprint(path)}}` : `${path} ${size} ${mtimeMs}`;
    })
    .sort()
    .join('\n');
}

/** One bit, in the middle. */
export function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

export function truncate(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
}
