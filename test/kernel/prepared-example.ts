/**
 * plugins/revpi_io, prepared on this side: the kernel's machine has less memory than preparing a Python component takes.
 * The inside only reads the folder. Where a plugin's file is the same, nothing is done again.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PreparedStore } from '../../src/component-store/prepared-store';
import { MAKERS } from '../../src/wasm/makers';
import { prepare } from '../../src/wasm/prepare';
import { sha256 } from '../../src/wasm/sha256';
import { sensor } from '../hostile/wat';
import { bundledPlugin, bytesOf, REPOSITORY } from '../wasm/components';

export const PREPARED_EXAMPLE = join(REPOSITORY, 'build', 'test', 'kernel-prepared');
const LIMIT_MS = 120_000;

/** A plugin that takes all the memory it can get, and uses it. */
export const HOG_FILE = join(PREPARED_EXAMPLE, 'hog.wasm');
const SIXTEEN_MIB = 2 ** 24;
const PAGES = SIXTEEN_MIB / 65_536;

function hog(): Promise<Uint8Array> {
  return sensor({
    poll: `(loop $l
      (br_if 1 (i32.const 1) (i32.eq (memory.grow (i32.const ${PAGES})) (i32.const -1)))
      drop
      (memory.fill (i32.mul (i32.sub (memory.size) (i32.const ${PAGES})) (i32.const 65536)) (i32.const 97) (i32.const ${SIXTEEN_MIB}))
      (br $l)) (i32.const 1)`,
  });
}

export async function prepareExample(): Promise<void> {
  await prepareOne(bytesOf(bundledPlugin('revpi_io')));
  const bytes = await hog();
  await prepareOne(bytes);
  await writeFile(HOG_FILE, bytes);
}

async function prepareOne(component: Uint8Array): Promise<void> {
  const store = new PreparedStore(PREPARED_EXAMPLE, MAKERS);
  if ((await store.find(sha256(component))) !== undefined) return;
  const { manifest, blobs } = await prepare(component, LIMIT_MS);
  await store.write(manifest, blobs);
}
