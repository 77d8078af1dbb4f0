/** Debian's kernel source and what builds it. */
import { existsSync } from 'node:fs';
import { hasProgram, installPackages, NotHere } from '../debian-packages.mjs';

/** The line that Debian 12 (security) and 13 both have. Modules of test/kernel/machine are written for its interfaces. */
export const KERNEL_VERSION = '6.12';

const SOURCE = `linux-source-${KERNEL_VERSION}`;
export const ARCHIVE = `/usr/src/${SOURCE}.tar.xz`;

/** Package, and the program by which one sees that it is there. */
const TOOLS = { 'build-essential': 'gcc', make: 'make', flex: 'flex', bison: 'bison', bc: 'bc', 'xz-utils': 'xz' };

/** The archive's path. Throws NotHere where there can be none. */
export function bringSource() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new NotHere(`User-Mode Linux runs on Linux x64 alone, and this is ${process.platform} ${process.arch}`);
  }
  const tools = Object.entries(TOOLS).filter(([, program]) => !hasProgram(program));
  installPackages('kernel', [...(existsSync(ARCHIVE) ? [] : [SOURCE]), ...tools.map(([name]) => name)]);
  return ARCHIVE;
}
