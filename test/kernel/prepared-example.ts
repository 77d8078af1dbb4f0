/**
 * plugins/revpi_io, prepared on this side: the kernel's machine has less memory than preparing a Python component takes.
 * The inside only reads the folder. Where a plugin's file is the same, nothing is done again.
 */
import { join } from 'node:path';
import { MAKERS } from '../../src/wasm/makers';
import { prepare } from '../../src/wasm/prepare';
import { PreparedStore } from '../../src/wasm/prepared-store';
import { sha256 } from '../../src/wasm/sha256';
import { bundledPlugin, bytesOf, REPOSITORY } from '../wasm/components';

export const PREPARED_EXAMPLE = join(REPOSITORY, 'build', 'test', 'kernel-prepared');
const LIMIT_MS = 120_000;

export async function prepareExample(): Promise<void> {
  const store = new PreparedStore(PREPARED_EXAMPLE, MAKERS);
  const component = bytesOf(bundledPlugin('revpi_io'));
  if (store.find(sha256(component)) === undefined) await prepare(component, store, LIMIT_MS);
}
