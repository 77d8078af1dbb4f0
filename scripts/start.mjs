/**
 * `npm start`: sets up, builds what is out of date, and starts the repository's own Node-RED with the first example
 * flow on simulated hardware. Its user directory, build/node-red, is made once and then yours: flows and settings.js
 * are never overwritten. PORT chooses the port (1880 otherwise). The editor asks for no password and is therefore
 * bound to this machine. Ctrl-C ends Node-RED, which closes its plugins first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const USER_DIR = join(REPOSITORY, 'build', 'node-red');
const FIRST_EXAMPLE = join(REPOSITORY, 'examples', 'flows', '01-poll-cycle.json');
const HOST = '127.0.0.1';
const PORT = Number(process.env.PORT || 1880);
/** Between two looks whether Node-RED answers yet. */
const LOOK_AGAIN_MS = 200;

/** Written last by build-js.mjs but for copies, so it is as old as the build. */
const BUILT = join(REPOSITORY, 'dist', 'src', 'wasm', 'generator', 'generator.mjs');
const SOURCES = ['src', 'nodes', 'icons', 'tsconfig.json', 'package.json', join('scripts', 'build-js.mjs')];

const SETTINGS = `module.exports = {
  flowFile: 'flows.json',
  flowFilePretty: true,
  uiHost: '${HOST}',
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
`;

function script(name) {
  const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', name)], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`start: scripts/${name} failed, see above`);
    process.exit(1);
  }
}

async function newestChange(path) {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const times = await Promise.all((await readdir(path)).map((name) => newestChange(join(path, name))));
  return Math.max(found.mtimeMs, ...times);
}

async function build() {
  script('setup.mjs');
  const changes = await Promise.all(SOURCES.map((path) => newestChange(join(REPOSITORY, path))));
  const builtAt = existsSync(BUILT) ? (await stat(BUILT)).mtimeMs : 0;
  if (Math.max(...changes) > builtAt) script('build-js.mjs');
  script('build-plugins.mjs');
  script('build-prepared.mjs');
}

async function writeOnce(name, text) {
  const path = join(USER_DIR, name);
  if (!existsSync(path)) await writeFile(path, text);
}

/** The example as it is shipped looks at the machine; here the values are simulated wherever it runs. */
async function firstFlow() {
  const nodes = JSON.parse(await readFile(FIRST_EXAMPLE, 'utf8'));
  const simulated = nodes.map((node) => (node.type === 'wasi-runtime' ? { ...node, hardware: 'simulated' } : node));
  return `${JSON.stringify(simulated, null, 2)}\n`;
}

/** A link, so that the palette shows what was built last. Made anew: the repository may have moved. */
async function linkPackage() {
  const { name } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
  const link = join(USER_DIR, 'node_modules', ...name.split('/'));
  await mkdir(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) await rm(link);
  // "junction" is what Windows allows without special rights; elsewhere it is ignored.
  if (!existsSync(link)) await symlink(REPOSITORY, link, 'junction');
}

async function prepareUserDir() {
  await mkdir(USER_DIR, { recursive: true });
  await writeOnce('settings.js', SETTINGS);
  await writeOnce('flows.json', await firstFlow());
  await linkPackage();
}

function answers() {
  return new Promise((resolve) => {
    const socket = connect(PORT, HOST, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function run() {
  if (await answers()) {
    console.error(`start: port ${PORT} is taken. Choose another one: PORT=1881 npm start`);
    process.exit(1);
  }
  const program = join(REPOSITORY, 'node_modules', 'node-red', 'red.js');
  const nodeRed = spawn(process.execPath, [program, '--userDir', USER_DIR, '--port', String(PORT)], {
    cwd: USER_DIR,
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to Node-RED as well; a signal to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => nodeRed.kill('SIGTERM'));
  let ended = false;
  nodeRed.on('exit', (code) => {
    ended = true;
    process.exitCode = code ?? 0;
  });
  while (!ended && !(await answers())) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  if (!ended) console.log(`\nEditor:    http://${HOST}:${PORT}/\nDashboard: http://${HOST}:${PORT}/wasi\n`);
}

await build();
await prepareUserDir();
await run();
