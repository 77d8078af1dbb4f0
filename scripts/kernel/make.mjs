/**
 * Builds the tests' kernel (User-Mode Linux) from an archive of its source and what test/kernel/machine holds: the
 * configuration, our modules (*.c, built in) and the device tree. Puts `linux`, `i2c-stub.ko` and `pi.dtb` into a folder.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { appendFile, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { passWholeFpuState } from './large-fpu-state.mjs';

/** Where our modules are in the kernel's tree. */
const MODULES = join('drivers', 'edge-wasi');
const SAID_LINES = 15;

/** As the last of many processes: a build beside tests or an editor is not felt. Ends when `signal` says so. */
function run(log, signal) {
  return (program, args, cwd) =>
    new Promise((resolve, reject) => {
      const child = spawn('nice', ['-n', '19', program, ...args], { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
      let last = [];
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          log.write(chunk);
          last = [...last, ...chunk.toString('utf8').split('\n').filter(Boolean)].slice(-SAID_LINES);
        });
      }
      child.on('error', reject);
      child.on('close', (status) => {
        if (status === 0) resolve();
        else
          reject(
            new Error(
              `${program} ${args.join(' ')} ended with ${status}; all of it is in ${log.path}:\n${last.join('\n')}`,
            ),
          );
      });
    });
}

async function addModules(tree, files) {
  const folder = join(tree, MODULES);
  await mkdir(folder);
  for (const file of files) await copyFile(file, join(folder, basename(file)));
  const objects = files.map((file) => basename(file).replace(/\.c$/, '.o'));
  await writeFile(join(folder, 'Makefile'), `obj-y += ${objects.join(' ')}\n`);
  await appendFile(join(tree, 'drivers', 'Makefile'), 'obj-y += edge-wasi/\n');
}

/** A line whose dependencies are not met is dropped by the kernel's configuration without a word. */
async function checkConfig(tree, wanted) {
  const lines = new Set((await readFile(join(tree, '.config'), 'utf8')).split('\n'));
  const dropped = wanted.split('\n').filter((line) => line.startsWith('CONFIG_') && !lines.has(line));
  if (dropped.length > 0) throw new Error(`the kernel's configuration did not take ${dropped.join(', ')}`);
}

/** `parts`: { archive, config, modules, deviceTree }, paths. */
export async function makeKernel(parts, folder, logFile, signal) {
  const log = createWriteStream(logFile);
  const tree = join(folder, 'source');
  const said = run(log, signal);
  const make = (...args) => said('make', ['ARCH=um', ...args], tree);
  try {
    await mkdir(tree);
    await said('tar', ['-xJf', parts.archive, '--strip-components=1', '-C', tree]);
    await passWholeFpuState(tree);
    await addModules(tree, parts.modules);
    await make(`KCONFIG_ALLCONFIG=${parts.config}`, 'allnoconfig');
    await checkConfig(tree, await readFile(parts.config, 'utf8'));
    await make(`-j${availableParallelism()}`);
    await said('strip', ['-o', join(folder, 'linux'), join(tree, 'linux')]);
    await copyFile(join(tree, 'drivers', 'i2c', 'i2c-stub.ko'), join(folder, 'i2c-stub.ko'));
    await said(join(tree, 'scripts', 'dtc', 'dtc'), ['-o', join(folder, 'pi.dtb'), parts.deviceTree]);
  } finally {
    log.end();
    await rm(tree, { recursive: true, force: true });
  }
}
