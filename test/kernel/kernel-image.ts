/** The kernel that scripts/build-kernel.mjs has made, or why there is none: build/kernel.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

export interface KernelImage {
  /** Holds `linux` (the kernel, a program of the host), `pi.dtb` and the modules. */
  readonly folder: string;
}

export interface NoKernel {
  readonly reason: string;
}

export function findKernel(): KernelImage | NoKernel {
  try {
    return JSON.parse(readFileSync(join(REPOSITORY, 'build', 'kernel.json'), 'utf8'));
  } catch {
    return { reason: 'no kernel was built yet: run "node scripts/build-kernel.mjs"' };
  }
}
