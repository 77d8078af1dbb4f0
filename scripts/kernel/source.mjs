/**
 * Debian's kernel source and what builds it. `bringSource()` gives the archive's path, after installing with apt-get what
 * is missing; a machine that can have none throws NoKernelHere, whose message says why.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The line that Debian 12 (security) and 13 both have. Modules of test/kernel/machine are written for its interfaces. */
export const KERNEL_VERSION = '6.12';

const SOURCE = `linux-source-${KERNEL_VERSION}`;
export const ARCHIVE = `/usr/src/${SOURCE}.tar.xz`;

/** Package, and the program by which one sees that it is there. */
const TOOLS = { 'build-essential': 'gcc', make: 'make', flex: 'flex', bison: 'bison', bc: 'bc', 'xz-utils': 'xz' };

export class NoKernelHere extends Error {}

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function missingPackages() {
  const tools = Object.entries(TOOLS).filter(([, program]) => !has(program));
  return [...(existsSync(ARCHIVE) ? [] : [SOURCE]), ...tools.map(([name]) => name)];
}

function aptGet(...args) {
  const { status, stderr, error } = spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new NoKernelHere(`apt-get ${args[0]} failed: ${why}`);
}

export function bringSource() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new NoKernelHere(`User-Mode Linux runs on Linux x64 alone, and this is ${process.platform} ${process.arch}`);
  }
  const missing = missingPackages();
  if (missing.length === 0) return ARCHIVE;
  const packages = missing.join(' ');
  if (!has('apt-get')) throw new NoKernelHere(`${packages} are missing, and there is no apt-get to install them with`);
  if (process.getuid() !== 0) {
    throw new NoKernelHere(`it takes root to install what is missing; run: sudo apt-get install ${packages}`);
  }
  console.log(`kernel: apt-get install ${packages}`);
  aptGet('update');
  aptGet('install', '--yes', '--no-install-recommends', ...missing);
  return ARCHIVE;
}
