// Prepares the bundled plugins (build/plugins/*.wasm) with the package's own code, into dist/prepared: what jco makes of
// them is then installed, not made on the target. dist/prepared/bundled.json names the component of each plugin. Examples,
// which say `"bundled": false` in their guest.json, are left to those who want them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'dist', 'prepared');
const DEADLINE_MS = 120_000;

const require = createRequire(import.meta.url);
const { prepare } = require(join(root, 'dist', 'src', 'wasm', 'prepare.js'));
const { PreparedStore } = require(join(root, 'dist', 'src', 'component-store', 'prepared-store.js'));
const { sha256 } = require(join(root, 'dist', 'src', 'wasm', 'sha256.js'));
const { MAKERS } = require(join(root, 'dist', 'src', 'wasm', 'makers.js'));

const store = new PreparedStore(target, MAKERS);
const sources = join(root, 'build', 'plugins');
const isBundled = (name) =>
  JSON.parse(readFileSync(join(root, 'plugins', name, 'guest.json'), 'utf8')).bundled !== false;
const components = readdirSync(sources)
  .filter((file) => file.endsWith('.wasm') && isBundled(basename(file, '.wasm')))
  .sort()
  .map((file) => ({ name: basename(file, '.wasm'), bytes: readFileSync(join(sources, file)) }));
const index = JSON.stringify(Object.fromEntries(components.map(({ name, bytes }) => [name, sha256(bytes)])));
const indexFile = join(target, 'bundled.json');

/** The index is written last and names every component by digest; entries are known by what made them. */
async function isUpToDate() {
  if (!existsSync(indexFile) || readFileSync(indexFile, 'utf8') !== index) return false;
  const found = await Promise.all(components.map(({ bytes }) => store.find(sha256(bytes))));
  return found.every((manifest) => manifest !== undefined);
}

if (await isUpToDate()) console.log('prepared: unchanged');
else {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const { name, bytes } of components) {
    const { manifest, blobs } = await prepare(bytes, DEADLINE_MS);
    await store.write(manifest, blobs);
    console.log(`prepared ${name}`);
  }
  writeFileSync(indexFile, index);
}
