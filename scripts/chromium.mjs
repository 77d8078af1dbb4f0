/**
 * The browser of the tests, Debian's chromium: brings it with apt-get where it is missing, and writes build/chromium.json,
 * `{"program"}`. Where that cannot be, it is `{"reason"}`. CHROMIUM names another one.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasProgram, installPackages, NotHere } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const PROGRAM = process.env.CHROMIUM || 'chromium';
/** What a page is written in where it asks for the system's own font. */
const FONT = 'fonts-dejavu-core';

function outcome() {
  try {
    if (!hasProgram(PROGRAM)) installPackages('chromium', ['chromium', FONT]);
    const { stdout } = spawnSync('sh', ['-c', `command -v ${PROGRAM}`], { encoding: 'utf8' });
    return { program: stdout.trim() };
  } catch (error) {
    if (error instanceof NotHere) return { reason: error.message };
    throw error;
  }
}

const found = outcome();
await mkdir(join(REPOSITORY, 'build'), { recursive: true });
await writeFile(join(REPOSITORY, 'build', 'chromium.json'), `${JSON.stringify(found, null, 2)}\n`);
console.log(`chromium: ${found.program ?? `none, ${found.reason}`}`);
