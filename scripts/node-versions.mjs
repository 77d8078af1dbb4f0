/**
 * Node.js in every version that is promised, for test/node-versions: installs each once into the cache, from the npm
 * package that carries the binary, and writes build/node-versions.json, `[{"version", "program"}]`: empty on a platform
 * that has no such package. npm checks what it downloads against the registry's digests; a binary that does not start is
 * not kept.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { REPOSITORY } from './guest-tools.mjs';
import { installInto, NODE_PACKAGE, nodeIn } from './npm-packages.mjs';

/** The oldest that is promised, and of each later line the newest when this was written. Odd ones have no support. */
const VERSIONS = ['18.20.0', '20.20.2', '22.23.3', '24.21.0', '26.10.0'];

function versionOf(program) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim();
}

function install(version) {
  return async (folder) => {
    installInto(folder, [`${NODE_PACKAGE}@${version}`]);
    const found = versionOf(nodeIn(folder));
    if (found !== `v${version}`) throw new Error(`${NODE_PACKAGE}@${version} holds ${found ?? 'nothing that starts'}`);
  };
}

async function main() {
  const found = [];
  for (const version of NODE_PACKAGE === undefined ? [] : VERSIONS) {
    const folder = cachePath('node', `${NODE_PACKAGE}-${version}`);
    if (!existsSync(folder)) await placeFolder(install(version), folder);
    found.push({ version, program: nodeIn(folder) });
  }
  await mkdir(join(REPOSITORY, 'build'), { recursive: true });
  await writeFile(join(REPOSITORY, 'build', 'node-versions.json'), `${JSON.stringify(found, null, 2)}\n`);
  console.log(`node-versions: ${found.map(({ version }) => version).join(', ') || 'none for this platform'}`);
}

await main();
