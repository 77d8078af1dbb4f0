// Prepares the bundled plugins (build/plugins/*.wasm) with the package's own code, into dist/prepared: what jco makes of
// them is then installed, not made on the target. dist/prepared/bundled.json names the component of each plugin.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'dist', 'prepared');
const DEADLINE_MS = 120_000;

const require = createRequire(import.meta.url);
const { prepare } = require(join(root, 'dist', 'src', 'wasm', 'prepare.js'));
const { PreparedStore } = require(join(root, 'dist', 'src', 'wasm', 'prepared-store.js'));
const { MAKERS } = require(join(root, 'dist', 'src', 'wasm', 'makers.js'));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const store = new PreparedStore(target, MAKERS);
const bundled = {};
const sources = join(root, 'build', 'plugins');
for (const file of readdirSync(sources)
  .filter((name) => name.endsWith('.wasm'))
  .sort()) {
  const manifest = await prepare(readFileSync(join(sources, file)), store, DEADLINE_MS);
  bundled[basename(file, '.wasm')] = manifest.component;
  console.log(`prepared ${file}`);
}
writeFileSync(join(target, 'bundled.json'), JSON.stringify(bundled));
