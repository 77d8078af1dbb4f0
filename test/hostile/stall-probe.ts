/** The benchmark's probe of the loop (bench/stall-probe.mjs, which says how it measures), for tests. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../wasm/components';

export interface StallProbe {
  /** Of the time since the last `take`: the longest stall, and the longest that was no wait for a core. */
  take(): { readonly stallMs: number; readonly ownMs: number };
  close(): void;
}

export async function openStallProbe(): Promise<StallProbe> {
  const { href } = pathToFileURL(join(REPOSITORY, 'bench', 'stall-probe.mjs'));
  const { StallProbe }: { StallProbe: new () => StallProbe } = await import(href);
  return new StallProbe();
}
