/**
 * Builds what Node-RED loads, into dist/: compiled TypeScript, each node's editor page, texts and icons beside its
 * JavaScript, what a page runs in the browser (nodes/<node>/editor/ within the node's page, src/dashboard/browser/ as a file
 * each), and jco's generator as one bundle. The generator is bundled because its package would bring 105 MB of
 * dependencies to a Raspberry Pi, of which 4 MB are used; of preview2-shim it takes the browser build, which holds its
 * few files in memory and touches neither disk nor network. dist/prepared is build-prepared's and is left alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(REPOSITORY, 'dist');
const NODES = join(REPOSITORY, 'nodes');
const ICONS = join(REPOSITORY, 'icons');
const BROWSER_SOURCES = join(REPOSITORY, 'src', 'dashboard', 'browser');
const GENERATOR = join(DIST, 'src', 'wasm', 'generator');
const GENERATOR_PACKAGE = '@bytecodealliance/jco-transpile/component';
/** Four times what it needs for a Python plugin: a crafted component makes it fail instead of filling the machine. */
const GENERATOR_MEMORY_MB = 1_024;
const BYTES_PER_MB = 1_000_000;
const EDITOR_MARK = '<!-- editor/ -->';
const EDITOR_PROJECT = join('nodes', 'wasi-runtime', 'editor', 'tsconfig.json');

const resolveFrom = createRequire(import.meta.url);

async function removeOld() {
  await Promise.all(['src', 'nodes', 'test'].map((folder) => rm(join(DIST, folder), { recursive: true, force: true })));
}

/** Host types from wit/, which the sources import. */
function generateTypes() {
  const script = join(REPOSITORY, 'scripts', 'build-types.mjs');
  const { status } = spawnSync(process.execPath, [script], { cwd: REPOSITORY, stdio: 'inherit' });
  if (status !== 0) throw new Error('no types could be made of wit/, see above');
}

function compile(project) {
  const packageFile = resolveFrom.resolve('typescript/package.json');
  const { bin } = resolveFrom(packageFile);
  const compiler = join(dirname(packageFile), bin.tsc);
  const { status, error } = spawnSync(process.execPath, [compiler, '-p', project], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`tsc found errors, see above${error ? ` (${error.message})` : ''}`);
}

/** npm makes a package's commands executable when it installs it; in a clone nobody does. */
async function makeCommandsExecutable() {
  const { bin } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
  await Promise.all(Object.values(bin).map((file) => chmod(join(REPOSITORY, file), 0o755)));
}

/** Node-RED looks for all of these beside the node's JavaScript. Icons are shared in icons/ and copied where named. */
async function copyNodeFiles() {
  const icons = await readdir(ICONS);
  const entries = await readdir(NODES, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const source = join(NODES, name);
    const target = join(DIST, 'nodes', name);
    const page = join(source, `${name}.html`);
    await mkdir(join(target, 'icons'), { recursive: true });
    await copyFile(page, join(target, `${name}.html`));
    await cp(join(source, 'locales'), join(target, 'locales'), { recursive: true });
    const html = await readFile(page, 'utf8');
    for (const [, icon] of html.matchAll(/\bicon: '([^']+\.svg)'/g)) {
      if (!icons.includes(icon)) throw new Error(`${page} names ${icon}, which is not in icons/`);
      await copyFile(join(ICONS, icon), join(target, 'icons', icon));
    }
  }
}

/** Where a page says `<!-- editor/ -->`, it is given its styles and one script: Node-RED serves nothing beside a page. */
async function inlineEditors() {
  const folders = (await readdir(NODES)).map((name) => join(NODES, name, 'editor'));
  for (const folder of folders.filter((each) => existsSync(each))) {
    const name = basename(dirname(folder));
    const page = join(DIST, 'nodes', name, `${name}.html`);
    const html = await readFile(page, 'utf8');
    if (!html.includes(EDITOR_MARK)) throw new Error(`${name}.html has no place for its editor: ${EDITOR_MARK}`);
    const [script, styles] = await Promise.all(
      ['editor.ts', 'editor.css'].map((file) => bundleForBrowser(join(folder, file))),
    );
    await writeFile(
      page,
      html.replace(EDITOR_MARK, () => `<style>${styles}</style>\n<script>${script}</script>`),
    );
  }
}

async function bundleForBrowser(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text.trim();
}

async function bundleGenerator() {
  await build({
    stdin: { contents: `export { $init, generate } from '${GENERATOR_PACKAGE}';`, resolveDir: REPOSITORY },
    outfile: join(GENERATOR, 'generator.mjs'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'node18',
    // "neutral" and no condition but "default": with platform "node", preview2-shim would be the build with a worker.
    platform: 'neutral',
    conditions: ['default'],
    external: ['node:*'],
    // preview2-shim asks the global `crypto` for random numbers; Node 18 has none.
    banner: { js: "import { webcrypto as crypto } from 'node:crypto';" },
    legalComments: 'none',
    logLevel: 'warning',
  });
  // The glue finds its core modules beside itself, by import.meta.url.
  const entry = fileURLToPath(import.meta.resolve(GENERATOR_PACKAGE));
  const modules = (await readdir(dirname(entry))).filter((file) => {
    return file.startsWith(`${basename(entry, '.js')}.core`) && file.endsWith('.wasm');
  });
  if (modules.length === 0) throw new Error(`no core modules beside ${entry}: jco-transpile has changed its layout`);
  const { limitMemory } = resolveFrom(join(DIST, 'src', 'wasm', 'core-limits.js'));
  const copyLimited = async (file) => {
    const bytes = await readFile(join(dirname(entry), file));
    await writeFile(join(GENERATOR, file), limitMemory(bytes, GENERATOR_MEMORY_MB));
  };
  await Promise.all(modules.map(copyLimited));
  // One text for all of the bundle: jco-transpile and preview2-shim have the same licence.
  await copyFile(join(dirname(dirname(entry)), 'LICENSE'), join(GENERATOR, 'LICENSE'));
}

/** The scripts of a served page: shells and frames have theirs inline, the worker's is served. */
async function bundleBrowserCode() {
  await build({
    entryPoints: ['crash-guard', 'shell', 'frame', 'stream-worker'].map((name) => join(BROWSER_SOURCES, `${name}.ts`)),
    outdir: join(DIST, 'src', 'dashboard', 'browser'),
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome100', 'firefox102', 'safari15.4'],
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

async function sizeOf(folder) {
  const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

await removeOld();
generateTypes();
compile('tsconfig.json');
compile(join(BROWSER_SOURCES, 'tsconfig.json'));
compile(EDITOR_PROJECT);
await makeCommandsExecutable();
await copyNodeFiles();
await inlineEditors();
await bundleGenerator();
await bundleBrowserCode();
console.log(`dist: built; generator ${((await sizeOf(GENERATOR)) / BYTES_PER_MB).toFixed(1)} MB`);
