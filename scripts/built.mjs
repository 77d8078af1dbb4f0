/** Sets up, builds what is out of date, and links the repository as a package, for scripts that run the product from here. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPOSITORY } from './guest-tools.mjs';

/** Written last by build-js.mjs but for copies, so it is as old as the build. */
const BUILT = join(REPOSITORY, 'dist', 'src', 'wasm', 'generator', 'generator.mjs');
const SOURCES = ['src', 'nodes', 'icons', 'tsconfig.json', 'package.json', join('scripts', 'build-js.mjs')];

/** `what` stands before what is printed. Ends this process where the script fails. */
export function runScript(what, name, ...args) {
  const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', name), ...args], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`${what}: scripts/${name} failed, see above`);
    process.exit(1);
  }
}

async function newestChange(path) {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const times = await Promise.all((await readdir(path)).map((name) => newestChange(join(path, name))));
  return Math.max(found.mtimeMs, ...times);
}

export async function buildWhatChanged(what) {
  runScript(what, 'setup.mjs');
  const changes = await Promise.all(SOURCES.map((path) => newestChange(join(REPOSITORY, path))));
  const builtAt = existsSync(BUILT) ? (await stat(BUILT)).mtimeMs : 0;
  if (Math.max(...changes) > builtAt) runScript(what, 'build-js.mjs');
  runScript(what, 'build-plugins.mjs');
  runScript(what, 'build-prepared.mjs');
}

/** A link, so that the palette shows what was built last. Made anew: the repository may have moved. */
export async function linkPackage(userDir) {
  const { name } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
  const link = join(userDir, 'node_modules', ...name.split('/'));
  await mkdir(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) await rm(link);
  // "junction" is what Windows allows without special rights; elsewhere it is ignored.
  if (!existsSync(link)) await symlink(REPOSITORY, link, 'junction');
}
