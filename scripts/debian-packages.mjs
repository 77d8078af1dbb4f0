/**
 * Brings what tests need from Debian with apt-get, and only where something is missing. A machine that can have none
 * throws NotHere, whose message says why and what to type.
 */
import { spawnSync } from 'node:child_process';

export class NotHere extends Error {}

export function hasProgram(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function aptGet(...args) {
  const { status, stderr, error } = spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
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
  if (!hasProgram('apt-get'))
    throw new NotHere(`${packages} are missing, and there is no apt-get to install them with`);
  if (process.getuid() !== 0) {
    throw new NotHere(`it takes root to install what is missing; run: sudo apt-get install ${packages}`);
  }
  console.log(`${what}: apt-get install ${packages}`);
  aptGet('update');
  aptGet('install', '--yes', '--no-install-recommends', ...missing);
}
