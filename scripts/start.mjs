/**
 * `npm start`: sets up, builds what is out of date, and starts the repository's own Node-RED with the first example
 * flow on simulated hardware. Its user directory, build/node-red, is made once and then yours: flows and settings.js
 * are never overwritten. PORT chooses the port (1880 otherwise). The editor asks for no password and is therefore
 * bound to this machine. Ctrl-C ends Node-RED, which closes its plugins first.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buildWhatChanged, linkPackage } from './built.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const USER_DIR = join(REPOSITORY, 'build', 'node-red');
const FIRST_EXAMPLE = join(REPOSITORY, 'examples', 'flows', '01-poll-cycle.json');
const HOST = '127.0.0.1';
const PORT = Number(process.env.PORT || 1880);
/** Between two looks whether Node-RED answers yet. */
const LOOK_AGAIN_MS = 200;

const SETTINGS = `module.exports = {
  flowFile: 'flows.json',
  flowFilePretty: true,
  uiHost: '${HOST}',
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
`;

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

async function prepareUserDir() {
  await mkdir(USER_DIR, { recursive: true });
  await writeOnce('settings.js', SETTINGS);
  await writeOnce('flows.json', await firstFlow());
  await linkPackage(USER_DIR);
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

await buildWhatChanged('start');
await prepareUserDir();
await run();
