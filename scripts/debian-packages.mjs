/**
 * Finds what tests need of Debian. A script that is started with `--install` installs what is missing with apt-get.
 * Otherwise, and on a machine that can have none, NotHere is thrown, whose message says why and what to type.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { REPOSITORY } from './guest-tools.mjs';

export class NotHere extends Error {}

/** Argument of a script: it may install packages, and so change the machine. */
export const INSTALL = '--install';

function mayInstall() {
  return process.argv.includes(INSTALL);
}

/** Path of a program; root's folders are looked into as well, where Debian's daemons lie. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * What `bring` comes back with, or `{"reason"}` where this machine cannot have it, goes to build/<name>.json, where tests
 * look; `tell` says it in a few words.
 */
export async function keepForTests(name, bring, tell) {
  const found = await broughtOrReason(bring);
  mkdirSync(join(REPOSITORY, 'build'), { recursive: true });
  writeFileSync(join(REPOSITORY, 'build', `${name}.json`), `${JSON.stringify(found, null, 2)}\n`);
  console.log(`${name}: ${'reason' in found ? `none, ${found.reason}` : tell(found)}`);
}

async function broughtOrReason(bring) {
  try {
    return await bring();
  } catch (error) {
    if (error instanceof NotHere) return { reason: error.message };
    throw error;
  }
}

export function hasProgram(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function aptGet(args, cwd) {
  const { status, stderr, error } = spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new NotHere(`apt-get ${args[0]} failed: ${why}`);
}

/** `missing`: names of packages. `what` stands before what is printed. */
export function installPackages(what, missing) {
  if (missing.length === 0) return;
  const packages = missing.join(' ');
  if (!mayInstall()) throw new NotHere(`not installed; on Debian: sudo apt-get install ${packages}`);
  if (!hasProgram('apt-get'))
    throw new NotHere(`${packages} are missing, and there is no apt-get to install them with`);
  if (process.getuid() !== 0) {
    throw new NotHere(`it takes root to install what is missing; run: sudo apt-get install ${packages}`);
  }
  console.log(`${what}: apt-get install ${packages}`);
  aptGet(['update']);
  aptGet(['install', '--yes', '--no-install-recommends', ...missing]);
}

/**
 * Unpacks packages into a folder and installs nothing: a daemon that is installed is started as well, now and whenever the
 * machine starts. Takes no root, but lists that `apt-get update` has fetched at some time.
 */
export function unpackPackages(what, names, folder) {
  if (!mayInstall()) throw new NotHere(`not installed; on Debian: sudo apt-get install ${names.join(' ')}`);
  if (!hasProgram('apt-get') || !hasProgram('dpkg-deb'))
    throw new NotHere(`${names.join(' ')} can be had on Debian alone, and this is none`);
  console.log(`${what}: apt-get download ${names.join(' ')}`);
  if (process.getuid() === 0) aptGet(['update']);
  aptGet(['download', ...names], folder);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    const { status, stderr } = spawnSync('dpkg-deb', ['--extract', file, '.'], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new NotHere(`${file} could not be unpacked: ${stderr.trim()}`);
    rmSync(join(folder, file));
  }
}
