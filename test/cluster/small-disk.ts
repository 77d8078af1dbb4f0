/** A file system of a few megabytes, for what happens when a disk is full or read-only; it takes root to mount it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  freeBytes(): number;
  /** As the kernel does it to a card with errors. */
  remount(mode: 'ro' | 'rw'): void;
}

/** Unmounted after the test. */
export function smallDisk(
  test: { after(end: () => void): void },
  mebibytes: number,
): SmallDisk | { readonly reason: string } {
  if (process.getuid?.() !== 0) return { reason: 'a small disk takes root to mount' };
  const folder = mkdtempSync(join(tmpdir(), 'wasi-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'none', folder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    return { reason: `no small disk: ${String(error).trim()}` };
  }
  test.after(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    freeBytes: () => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    remount: (mode) => {
      execFileSync('mount', ['-o', `remount,${mode}`, folder], { stdio: 'pipe' });
    },
  };
}
