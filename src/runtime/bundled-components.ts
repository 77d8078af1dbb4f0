/** The components that come with the package, already prepared: their folder and the digest of each by plugin name. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '../errors/wasi-error';

/** `dist/prepared`, beside `dist/src`. */
export const BUNDLED_DIR = join(__dirname, '..', '..', 'prepared');

const INDEX = join(BUNDLED_DIR, 'bundled.json');

export async function bundledComponents(): Promise<ReadonlyMap<string, string>> {
  let index: unknown;
  try {
    index = JSON.parse(await readFile(INDEX, 'utf8'));
  } catch (cause) {
    throw new WasiError(
      'PLUGIN_INVALID',
      `the bundled plugins are missing (${INDEX}): reinstall @edge-wasi/node-red-wasi`,
      { cause },
    );
  }
  if (typeof index !== 'object' || index === null)
    throw new WasiError('PLUGIN_INVALID', `${INDEX} is damaged: reinstall the package`);
  return new Map(Object.entries(index).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
