/**
 * Packs the built package as the registry would get it, to build/package.tgz: what the system tests install.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './guest-tools.mjs';

const BUILD = join(REPOSITORY, 'build');

mkdirSync(BUILD, { recursive: true });
// On Windows npm is a script and needs the shell; the arguments are fixed.
const { status, stdout, stderr } = spawnSync(
  'npm',
  ['pack', '--ignore-scripts', '--json', '--pack-destination', BUILD],
  {
    cwd: REPOSITORY,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  },
);
if (status !== 0) {
  console.error(`pack: npm pack failed\n${stderr}`);
  process.exit(1);
}
const { name, version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
renameSync(join(BUILD, file), join(BUILD, 'package.tgz'));
const [entry] = Object.values(JSON.parse(stdout));
console.log(`packed: ${(entry.size / 1e6).toFixed(1)} MB, ${(entry.unpackedSize / 1e6).toFixed(1)} MB unpacked`);
