/**
 * Newer etcds than Debian's, for the tests of an upgrade: built once into the cache from the Go module proxy, which checks
 * what it hands out against Go's checksum database. The last of each minor version, since etcd is upgraded one at a time.
 * Writes build/etcd-versions.json, `[{"version", "etcd"}]`, oldest first; where they cannot be built it is `{"reason"}`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { hasProgram, NotHere } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';

/** The newest of each when this was written. */
const VERSIONS = ['3.5.35', '3.6.16', '3.7.3'];
const MODULE = 'go.etcd.io/etcd/server/v3';

/** Beside tests and other builds: as the last of many processes. */
function go(cwd, ...args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0' };
    const child = spawn('nice', ['-n', '19', 'go', ...args], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else
        reject(
          new NotHere(`go ${args.join(' ')} ended with ${status}: ${said.trim().split('\n').slice(-3).join('; ')}`),
        );
    });
  });
}

function build(version) {
  return async (folder) => {
    console.log(`etcd ${version}: go build ${MODULE}`);
    const module = await mkdtemp(join(tmpdir(), 'wasi-etcd-build-'));
    try {
      await go(module, 'mod', 'init', 'edge-wasi.test/etcd');
      await go(module, 'get', `${MODULE}@v${version}`);
      await go(module, 'build', '-trimpath', '-ldflags=-s -w', '-o', join(folder, 'etcd'), MODULE);
    } finally {
      await rm(module, { recursive: true, force: true });
    }
    const { stdout } = spawnSync(join(folder, 'etcd'), ['--version'], { encoding: 'utf8' });
    if (!stdout?.includes(`etcd Version: ${version}\n`))
      throw new NotHere(`etcd ${version} was built and does not start`);
  };
}

async function outcome() {
  try {
    const built = [];
    for (const version of VERSIONS) {
      const folder = cachePath('etcd', `${version}-${process.arch}`);
      if (!existsSync(folder)) {
        if (!hasProgram('go')) throw new NotHere('there is no go (https://go.dev/dl) to build newer etcds with');
        await placeFolder(build(version), folder);
      }
      built.push({ version, etcd: join(folder, 'etcd') });
    }
    return built;
  } catch (error) {
    if (error instanceof NotHere) return { reason: error.message };
    throw error;
  }
}

const found = await outcome();
await mkdir(join(REPOSITORY, 'build'), { recursive: true });
await writeFile(join(REPOSITORY, 'build', 'etcd-versions.json'), `${JSON.stringify(found, null, 2)}\n`);
console.log(`newer etcds: ${found.reason ?? found.map(({ version }) => version).join(', ')}`);
