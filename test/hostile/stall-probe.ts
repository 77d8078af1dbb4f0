/** The benchmark's probe of the loop (bench/stall-probe.mjs, which says how it measures), for tests. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../wasm/components';

export interface Stall {
  readonly ownMs: number;
  readonly busyMs: number;
}

export interface StallProbe {
  /** Of the time since the last `take`: the longest stall that was no wait for a core, and the longest work in one. */
  take(): Stall;
  close(): void;
}

export async function openStallProbe(): Promise<StallProbe> {
  const { href } = pathToFileURL(join(REPOSITORY, 'bench', 'stall-probe.mjs'));
  const { StallProbe }: { StallProbe: new () => StallProbe } = await import(href);
  return new StallProbe();
}
