/**
 * The kernel in which test/kernel runs drivers: builds it once into the cache (some 6 minutes on two processors, 2 GB
 * meanwhile, 7 MB in the end) and writes build/kernel.json, `{"folder"}`. Where it is not in the cache and cannot be
 * built (no Linux x64; no Debian; something is missing and this is not root) that is `{"reason"}`, and the tests are
 * skipped with it. A build that fails is an error.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { NotHere } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';
import { makeKernel } from './kernel/make.mjs';
import { bringSource, KERNEL_VERSION } from './kernel/source.mjs';

/** To be raised when what scripts/kernel/make.mjs does with the same files changes what comes out. */
const RECIPE = 2;
const MACHINE = join(REPOSITORY, 'test', 'kernel', 'machine');
const BUILD = join(REPOSITORY, 'build');
const DAY_MS = 86_400_000;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());

async function findParts() {
  const files = (await readdir(MACHINE)).sort().map((name) => join(MACHINE, name));
  return {
    config: join(MACHINE, 'kernel.config'),
    deviceTree: join(MACHINE, 'pi.dts'),
    modules: files.filter((file) => file.endsWith('.c')),
  };
}

async function keyOf({ config, deviceTree, modules }) {
  const hash = createHash('sha256').update(`recipe ${RECIPE}`);
  for (const file of [config, deviceTree, ...modules])
    hash.update(`\0${basename(file)}\0`).update(await readFile(file));
  return `${KERNEL_VERSION}-${hash.digest('hex').slice(0, 16)}`;
}

/** What a build left that was killed: 2 GB each. */
async function removeLeftOvers(folder) {
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    const path = join(folder, name);
    if (!name.includes('.partial-') || Date.now() - (await stat(path)).mtimeMs < DAY_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

async function kernelFolder() {
  const parts = await findParts();
  const folder = cachePath('kernel', await keyOf(parts));
  if (existsSync(folder)) return folder;
  const archive = bringSource();
  await removeLeftOvers(dirname(folder));
  console.log('kernel: building User-Mode Linux, which takes some minutes');
  const log = join(BUILD, 'kernel-make.log');
  await placeFolder((partial) => makeKernel({ ...parts, archive }, partial, log, interrupted.signal), folder);
  return folder;
}

async function main() {
  await mkdir(BUILD, { recursive: true });
  const found = await kernelFolder().then(
    (folder) => ({ folder }),
    (error) => {
      if (error instanceof NotHere) return { reason: error.message };
      throw error;
    },
  );
  await writeFile(join(BUILD, 'kernel.json'), `${JSON.stringify(found)}\n`);
  console.log(`kernel: ${found.folder ?? `none, ${found.reason}`}`);
}

await main().catch((error) => {
  console.error(`kernel: ${interrupted.signal.aborted ? 'interrupted' : error.message}`);
  process.exitCode = 1;
});
