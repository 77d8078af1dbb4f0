/**
 * A file or folder as it was when somebody looked: the same time stamp, size and inode mean the same content. A guest's
 * thread holds guards against the disk right before a call (8 µs each there, against 60 µs on the way through Node-RED's
 * loop; docs/decisions/0006-guards.md), so that a call never runs code that was replaced before it.
 */
import { type BigIntStats, statSync } from 'node:fs';

export interface FileGuard {
  readonly path: string;
  readonly stamp: string;
}

export const MISSING_STAMP = 'missing';

export function stampOf({ mtimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs} ${size} ${ino}`;
}

/** Whether everything is as it was. What cannot be looked at counts as changed: whoever looks closer says why. Blocks. */
export function hold(guards: readonly FileGuard[]): boolean {
  try {
    return guards.every(({ path, stamp }) => {
      const found = statSync(path, { bigint: true, throwIfNoEntry: false });
      return (found ? stampOf(found) : MISSING_STAMP) === stamp;
    });
  } catch {
    return false;
  }
}
