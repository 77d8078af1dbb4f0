/** The folder of components that the measured processes use, made once for each run of the benchmark. */
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeUniqueBuild } from './unique-build.mjs';

const BUILD = join(dirname(dirname(fileURLToPath(import.meta.url))), 'build');
/** A Python plugin without devices. */
const COUNTER = join(BUILD, 'fixtures', 'counter_kept_v1.wasm');
/** A Python plugin that counts its polls and fails where its settings say so. */
const FAULTS = join(BUILD, 'fixtures', 'faults.wasm');

/** Names that end with `_2` are another build of the same plugin, which was never prepared. */
export async function makeGuests(folder) {
  const guestsDir = join(folder, 'guests');
  await mkdir(guestsDir);
  const bundled = (name) => join(BUILD, 'plugins', `${name}.wasm`);
  for (const name of ['dht22', 'pi_monitor', 'bme680']) await copyFile(bundled(name), join(guestsDir, `${name}.wasm`));
  await copyFile(bundled('pi_monitor'), join(guestsDir, 'hot_monitor.wasm'));
  await copyFile(COUNTER, join(guestsDir, 'counter.wasm'));
  await copyFile(FAULTS, join(guestsDir, 'faults.wasm'));
  await writeUniqueBuild(bundled('pi_monitor'), join(guestsDir, 'pi_monitor_2.wasm'));
  await writeUniqueBuild(FAULTS, join(guestsDir, 'faults_2.wasm'));
  return guestsDir;
}
