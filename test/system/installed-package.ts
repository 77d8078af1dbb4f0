/**
 * The packed package (build/package.tgz, scripts/pack.mjs) installed the way the Palette Manager does it. `installPackage`
 * does it anew; `installedPackage` does it once for each tarball and shares it between all test files and Node.js
 * versions, since what is installed is the same JavaScript for all. Users copy it: it is never written to.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

export const PACKAGE_FILE = join(REPOSITORY, 'build', 'package.tgz');
const INSTALLED = join(REPOSITORY, 'build', 'installed');
const PARTIAL = 'partial-';

/** What Node-RED's registry passes to npm (`lib/installer.js`). */
const PALETTE_MANAGER = ['--omit=dev', '--engine-strict', '--no-audit', '--no-fund', '--save', '--save-prefix=~'];
/** Two packages, one of them from the registry. */
const INSTALL_LIMIT_MS = 120_000;

export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

export async function readPackageJson(folder: string): Promise<PackageJson> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

/** Where the package lies in a user directory. */
export function packageFolder(userDir: string): string {
  return join(userDir, 'node_modules', '@edge-wasi', 'node-red-wasi');
}

/**
 * Makes `userDir` a user directory with the package in it. `env` replaces this process's environment; `npm_config_cpu` in
 * it is the processor that native parts are for.
 */
export async function installPackage(userDir: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (!existsSync(PACKAGE_FILE)) throw new Error(`there is no ${PACKAGE_FILE}: run "npm test -- system"`);
  const project = { name: 'node-red-project', description: 'A Node-RED Project', version: '0.0.1', private: true };
  await writeFile(join(userDir, 'package.json'), JSON.stringify(project));
  await npm(['install', ...PALETTE_MANAGER, PACKAGE_FILE], userDir, env);
}

/** A user directory with the package in it and nothing else. `architecture` is one of Node.js (`arm64`). */
export async function installedPackage(architecture: string = process.arch): Promise<string> {
  const digest = await digestOf(PACKAGE_FILE);
  const folder = join(INSTALLED, `${architecture}-${digest}`);
  if (existsSync(folder)) return folder;
  await mkdir(INSTALLED, { recursive: true });
  const partial = await mkdtemp(join(INSTALLED, PARTIAL));
  try {
    await installPackage(partial, { ...process.env, npm_config_cpu: architecture });
    await removeOlder(digest);
    await rename(partial, folder);
  } catch (error) {
    // Another test file may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

/** Of other tarballs, and what an installation left that was killed: another test file may be at one now. */
async function removeOlder(digest: string): Promise<void> {
  const all = (await readdir(INSTALLED)).filter((name) => !name.endsWith(digest));
  for (const path of all.map((name) => join(INSTALLED, name))) {
    const isOld = Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs > 2 * INSTALL_LIMIT_MS;
    if (isOld || !path.includes(PARTIAL)) await rm(path, { recursive: true, force: true });
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

function npm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    // On Windows npm is a script and needs the shell; the arguments are fixed.
    const shell = process.platform === 'win32';
    const child = spawn('npm', args, { cwd, env, shell, timeout: INSTALL_LIMIT_MS });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`npm ${args.join(' ')} ended with ${status}:\n${Buffer.concat(said).toString('utf8')}`));
    });
  });
}
