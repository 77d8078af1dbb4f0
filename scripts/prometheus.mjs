/**
 * The Prometheus of the tests, Debian's: brings it with apt-get where it is missing, and writes build/prometheus.json,
 * `{"program"}`. Where that cannot be, it is `{"reason"}`.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installPackages, NotHere } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const NAME = 'prometheus';

function find() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, NAME)).find((path) => existsSync(path));
}

function outcome() {
  try {
    if (find() === undefined) installPackages(NAME, [NAME]);
    return { program: find() };
  } catch (error) {
    if (error instanceof NotHere) return { reason: error.message };
    throw error;
  }
}

const found = outcome();
await mkdir(join(REPOSITORY, 'build'), { recursive: true });
await writeFile(join(REPOSITORY, 'build', 'prometheus.json'), `${JSON.stringify(found, null, 2)}\n`);
console.log(`prometheus: ${found.program ?? `none, ${found.reason}`}`);
