/**
 * `npm run cluster:demo`: a whole cluster on this machine, four etcd (three voters and a learner) and four Node-RED on
 * simulated hardware, and one dashboard that shows all four. Everything lies below build/cluster-demo, made anew at each
 * start, and listens on this machine alone. Lines on the terminal kill and start nodes; Ctrl-C ends all eight processes.
 *
 * `--free-ports`: any ports that are free instead of 1880 to 1883 and so on. `--folder F`: instead of build/cluster-demo.
 * `--ready-file F`: what runs where, as JSON, written when all is ready and after each change. `--exit-after-ready`: ends
 * then. `--no-build`: what is built is new enough. Ends with 1 where there is no etcd, a port is taken, or nothing comes up.
 */
import { spawn } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { buildWhatChanged, runScript } from './built.mjs';
import { commandOf, HELP } from './cluster-demo/commands.mjs';
import { DemoCluster } from './cluster-demo/demo-cluster.mjs';
import { planOf, takenPorts } from './cluster-demo/plan.mjs';
import { table } from './cluster-demo/table.mjs';
import { hasProgram } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const WHAT = 'cluster:demo';

const { values: options } = parseArgs({
  options: {
    'free-ports': { type: 'boolean', default: false },
    folder: { type: 'string', default: join(REPOSITORY, 'build', 'cluster-demo') },
    'ready-file': { type: 'string' },
    'exit-after-ready': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});

function say(text) {
  console.log(`${WHAT}: ${text}`);
}

async function etcdProgramPath() {
  runScript(WHAT, 'etcd.mjs');
  const { etcd, reason } = JSON.parse(await readFile(join(REPOSITORY, 'build', 'etcd.json'), 'utf8'));
  if (etcd !== undefined) return etcd;
  console.error(
    `${WHAT}: there is no etcd here (${reason}). On Debian and Raspberry Pi OS: sudo apt-get install etcd-server ` +
      '(its package starts a service of its own, which is not used here: sudo systemctl disable --now etcd)',
  );
  process.exit(1);
}

async function plannedPorts() {
  const plan = await planOf({ freePorts: options['free-ports'] });
  const taken = await takenPorts(plan);
  if (taken.length === 0) return plan;
  for (const { port, what } of taken) console.error(`${WHAT}: port ${port} is taken, and was meant for ${what}`);
  console.error(`${WHAT}: end what uses them, or take others: npm run cluster:demo -- --free-ports`);
  process.exit(1);
}

/** Whole each time, and the newest last. */
let written = Promise.resolve();
function writeReadyFile(cluster) {
  const path = options['ready-file'];
  if (path === undefined) return written;
  written = written.then(async () => {
    await writeFile(`${path}.new`, `${JSON.stringify(cluster.describe(), null, 2)}\n`);
    await rename(`${path}.new`, path);
  });
  return written;
}

/** Signals and `quit`: the first ends all in order, the next one at once. */
function endingOf(cluster) {
  let ask;
  const asked = new Promise((resolve) => {
    let isAsked = false;
    ask = () => {
      if (isAsked) void cluster.killAll();
      isAsked = true;
      resolve('asked to end');
    };
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ask);
  // A terminal that is gone takes no more words; what runs is still to be ended.
  process.stdout.once('error', ask).on('error', () => undefined);
  return { ask, asked };
}

/** One line after the other: a start takes seconds. */
async function followCommands(cluster, ending) {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = commandOf(line, cluster.plan);
    if (command.kind === 'quit') return ending.ask();
    try {
      await carryOut(command, cluster);
    } catch (error) {
      console.error(`${WHAT}: ${error.message}`);
    }
  }
}

async function carryOut({ kind, node, part, problem }, cluster) {
  switch (kind) {
    case 'nothing':
      return;
    case 'wrong':
      return say(`${problem}\n${HELP}`);
    case 'help':
      return console.log(HELP);
    case 'table':
      return console.log(table(cluster.describe()));
    case 'kill':
      await cluster.kill(node, part);
      return say(`${node}${part ? `'s ${part}` : ''} is off, as if its power had failed`);
    case 'start':
      await cluster.start(node, part);
      return say(`${node}${part ? `'s ${part}` : ''} is back`);
  }
}

function openBrowser(url) {
  if (!process.stdout.isTTY || !hasProgram('xdg-open')) return;
  const browser = spawn('xdg-open', [url], { stdio: 'ignore', detached: true });
  // The URL is on the terminal.
  browser.on('error', () => undefined);
  browser.unref();
}

const etcd = await etcdProgramPath();
if (!options['no-build']) await buildWhatChanged(WHAT);
let isReady = false;
const cluster = new DemoCluster({
  plan: await plannedPorts(),
  folder: resolve(options.folder),
  etcd,
  onChange: () => isReady && void writeReadyFile(cluster),
  onLoss: (name, how) => say(`${name} has ended (${how})`),
});
const ending = endingOf(cluster);
try {
  const opened = cluster.open(say).then(() => 'open');
  if ((await Promise.race([opened, ending.asked])) === 'open') {
    isReady = true;
    await writeReadyFile(cluster);
    const [hub] = cluster.describe();
    console.log(`\n${table(cluster.describe())}\n\n${HELP}\n\nOpen ${hub.dashboard} : it shows all four`);
    openBrowser(hub.dashboard);
    if (!options['exit-after-ready']) {
      void followCommands(cluster, ending);
      await ending.asked;
    }
  }
  say('ending all eight');
} catch (error) {
  console.error(`${WHAT}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await cluster.close();
}
say('all have ended');
process.exit();
