/** What is in the tarball, and that installing it is nothing but unpacking it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parseManifest } from '../../src/wasm/manifest';
import { REPOSITORY, scratchFolder } from '../wasm/components';
import { installedPackage, installPackage, packageFolder, readPackageJson } from './installed-package';

const KEPT = ['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'package.json'];
const FOLDERS = ['dist', 'examples', 'resources', 'wit'];
const NODES = [
  'cluster-watch',
  'dashboard',
  'hardware-sim',
  'led-sync',
  'modbus-gateway',
  'plugin-poll',
  'wasi-runtime',
];
/** Sources, tests, byte code, and whatever would have to be compiled on the target. */
const UNWANTED =
  /(\.ts|\.py|\.pyc|\.node|\.c|\.cc|\.gyp|\.tgz)$|(^|\/)(test|tests|__pycache__|\.venv|\.pytest_cache)(\/|$)/;
/** The plugin to start from is there to be read. */
const SAMPLE = 'docs/clock/app.py';
/** Packages that have native code. */
const NATIVE = ['koffi', join('@serialport', 'bindings-cpp')];
const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepare'];

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(parentOf(entry), entry.name));
  return paths.map((path) => path.slice(folder.length + 1)).sort();
}

/** Node 18 calls it `path`, and so do later ones up to 22. */
function parentOf(entry: { readonly path?: string; readonly parentPath?: string }): string {
  return entry.parentPath ?? entry.path ?? '';
}

/** A PATH that holds node, npm and a shell and nothing else: no compiler, no make, no Python. */
async function barePath(folder: string): Promise<string> {
  await mkdir(folder);
  await symlink(process.execPath, join(folder, 'node'));
  const npm = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'npm'));
  const found = npm.find((path) => existsSync(path));
  assert.ok(found, 'there is no npm in PATH');
  await symlink(await realpath(found), join(folder, 'npm'));
  // npm starts packages' scripts with it.
  await symlink('/bin/sh', join(folder, 'sh'));
  return folder;
}

describe('installing the package', () => {
  it('needs neither compiler nor Python: the native code it has comes prebuilt with koffi and serialport', async (test) => {
    const folder = scratchFolder(test);
    const userDir = join(folder, 'user');
    await mkdir(userDir);
    const PATH = await barePath(join(folder, 'bin'));
    await installPackage(userDir, { ...process.env, PATH });
    const modules = (await filesBelow(join(userDir, 'node_modules'))).filter((path) => path.endsWith('package.json'));
    for (const path of modules) {
      const { scripts = {} } = await readPackageJson(join(userDir, 'node_modules', dirname(path)));
      // Theirs look whether there is a prebuilt one, and would compile it otherwise.
      if (path.startsWith('@edge-wasi') || NATIVE.some((name) => path === join(name, 'package.json'))) continue;
      assert.deepEqual(
        LIFECYCLE.filter((name) => name in scripts),
        [],
        path,
      );
    }
    const native = (await filesBelow(userDir)).filter((path) => /\.(node|so|dylib|dll)$/.test(path));
    const prebuilt = [
      join('node_modules', '@koromix', `koffi-${process.platform}-${process.arch}`),
      join('node_modules', '@serialport', 'bindings-cpp', 'prebuilds'),
    ];
    for (const folder of prebuilt) {
      assert.ok(
        native.some((path) => path.startsWith(folder)),
        `${folder} holds what it was built into`,
      );
    }
    assert.deepEqual(
      native.filter((path) => !prebuilt.some((folder) => path.startsWith(folder))),
      [],
    );
  });
});

describe('the tarball', () => {
  let root: string;
  let files: readonly string[];
  before(async () => {
    root = packageFolder(await installedPackage());
    files = await filesBelow(root);
  });

  it('holds what runs, its licence and its documentation, and nothing else', () => {
    const tops = new Set(files.map((path) => path.split('/')[0] ?? ''));
    const docs = existsSync(join(root, 'docs')) ? ['docs'] : [];
    assert.deepEqual([...tops].sort(), [...KEPT, ...FOLDERS, ...docs].sort());
    assert.deepEqual([...new Set(files.flatMap((path) => /^dist\/(\w+)/.exec(path)?.[1] ?? []))].sort(), [
      'nodes',
      'prepared',
      'src',
    ]);
    assert.deepEqual(
      files.filter((path) => UNWANTED.test(path) && path !== SAMPLE),
      [],
    );
  });

  it('has a page, an icon where one is shown, and texts in two languages beside each node', () => {
    for (const node of NODES) {
      const wanted = [`${node}.js`, `${node}.html`];
      for (const language of ['en-US', 'de'])
        wanted.push(`locales/${language}/${node}.json`, `locales/${language}/${node}.html`);
      if (node !== 'wasi-runtime') wanted.push(`icons/wasi-${node}.svg`);
      for (const path of wanted) assert.ok(files.includes(`dist/nodes/${node}/${path}`), `${node}: ${path} is missing`);
    }
  });

  it('has the bundled plugins prepared, so that the target never transpiles them', async () => {
    const bundled: object = JSON.parse(await readFile(join(root, 'dist', 'prepared', 'bundled.json'), 'utf8'));
    assert.deepEqual(Object.keys(bundled).sort(), ['bme680', 'dashboard', 'dht22', 'pi_monitor']);
    const folder = join(root, 'dist', 'prepared', 'components');
    const manifests = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
    const prepared = manifests.map((text) => parseManifest(text)?.component);
    assert.deepEqual(prepared.sort(), Object.values(bundled).sort());
  });

  it('has the WIT files, the example flows, an example host.toml and the tour', async () => {
    for (const folder of ['wit', 'examples', 'resources']) {
      const wanted = (await filesBelow(join(REPOSITORY, folder))).map((path) => `${folder}/${path}`);
      assert.deepEqual(
        files.filter((path) => path.startsWith(`${folder}/`)),
        wanted,
      );
    }
  });
});
