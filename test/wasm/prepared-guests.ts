/**
 * Where what was prepared of the tests' guests is kept, which takes seconds for each one of Python: a store for all tests
 * that are not about preparing, also those of the next run. Its name is the digest of the code that prepares, so that
 * changed code prepares all of them anew.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './components';

const FOLDER = join(REPOSITORY, 'build', 'prepared-guests');
const PREPARING = ['wasm', 'component-store'].map((room) => join(REPOSITORY, 'dist', 'src', room));

export const PREPARED = join(FOLDER, digestOfCode());

function digestOfCode(): string {
  const hash = createHash('sha256');
  for (const folder of PREPARING) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.m?js$/.test(name));
    for (const name of names.sort()) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Those of other code are of no use any more. */
export function makePrepared(): void {
  mkdirSync(PREPARED, { recursive: true });
  for (const other of readdirSync(FOLDER).map((name) => join(FOLDER, name)))
    if (other !== PREPARED) rmSync(other, { recursive: true, force: true });
}
