/**
 * `npm run bench`: measures the built package (`npm run build`, and the tests' guests) inside a real Node-RED, prints a
 * table and writes build/bench.json. Every run is a process of its own with a user directory of its own, in turn, ended
 * when it is late; figures are medians of several runs. What a figure means is said at the top of its file in bench/.
 *
 * `npm run bench -- cluster` measures the cluster alone (`node scripts/etcd.mjs` brings its etcd).
 *
 * On a machine that does other work compare the ratios: their floor is measured in the same run.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterRows } from '../bench/cluster-rows.mjs';
import { PLUGINS } from '../bench/node-red.mjs';
import { rowsOf, table } from '../bench/report.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const RUNS = 3;
const START_RUNS = 5;
const COLD_RUNS = 2;
const MEMORY_RUNS = 2;
const CLUSTER_RUNS = 2;
/** The longest run, of memory, rests for a minute and a half altogether. */
const RUN_LIMIT_MS = 240_000;

/** A custom section at the end of a component: other bytes, another digest, the same component. */
const MARK = Buffer.from('\0\x06\x05bench', 'latin1');

async function main() {
  const components = PLUGINS.map((name) => join(REPOSITORY, 'build', 'plugins', `${name}.wasm`));
  const fixtures = ['counter_v1', 'counter_v2', 'faults'].map((name) =>
    join(REPOSITORY, 'build', 'fixtures', `${name}.wasm`),
  );
  const missing = [...components, ...fixtures].filter((path) => !existsSync(path));
  if (missing.length > 0) {
    console.error(`bench: ${missing[0]} is missing: npm run build && npm run build:plugins -- --fixtures`);
    process.exit(1);
  }
  const scratch = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  try {
    await measureAll(scratch, await prepareGuests(scratch, fixtures));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Folders of plugins: the four as a user's own files, and the guests of the other runs. */
async function prepareGuests(scratch, fixtures) {
  const pluginDir = join(scratch, 'plugins');
  const guestsDir = join(scratch, 'guests');
  await mkdir(pluginDir);
  await mkdir(guestsDir);
  for (const name of PLUGINS) {
    const bytes = await readFile(join(REPOSITORY, 'build', 'plugins', `${name}.wasm`));
    await writeFile(join(pluginDir, `${name}.wasm`), Buffer.concat([bytes, MARK]));
  }
  for (const path of fixtures) await copyFile(path, join(guestsDir, path.slice(path.lastIndexOf('/') + 1)));
  await copyFile(join(REPOSITORY, 'build', 'plugins', 'pi_monitor.wasm'), join(guestsDir, 'pi_monitor0.wasm'));
  await copyFile(join(pluginDir, 'pi_monitor.wasm'), join(guestsDir, 'pi_monitor1.wasm'));
  return { pluginDir, guestsDir };
}

async function measureAll(scratch, { pluginDir, guestsDir }) {
  const fresh = (name) => (run) => ({ userDir: join(scratch, `${name}-${run}`), pluginDir: '', guestsDir });
  // A cold start leaves its store filled: the runs of prepared files go on from there.
  const stored = () => ({ userDir: join(scratch, 'cold-0'), pluginDir, guestsDir });
  const cluster = await repeat(CLUSTER_RUNS, 'cluster', fresh('cluster'));
  if (process.argv[2] === 'cluster') return report({ cluster }, clusterRows(cluster));
  const measured = {
    bundled: await repeat(START_RUNS, 'start', fresh('bundled')),
    cold: await repeat(COLD_RUNS, 'start', (run) => ({ ...fresh('cold')(run), pluginDir })),
    userFiles: await repeat(START_RUNS, 'start', stored),
    rounds: await repeat(RUNS, 'rounds', stored),
    changes: await repeat(RUNS, 'changes', stored),
    checks: await repeat(RUNS, 'checks', fresh('checks')),
    devices: await repeat(RUNS, 'devices', fresh('devices')),
    modbus: await repeat(RUNS, 'modbus', stored),
    page: await repeat(RUNS, 'page', fresh('page')),
    alone: await repeat(MEMORY_RUNS, 'memory', (run) => ({ ...fresh('alone')(run), alone: true })),
    memory: await repeat(MEMORY_RUNS, 'memory', stored),
  };
  await report({ ...measured, cluster }, [...rowsOf(measured), ...clusterRows(cluster)]);
}

async function report(measured, rows) {
  const load = loadavg().map((each) => each.toFixed(1));
  const machine = `${cpus().length}-core ${process.arch}, Node.js ${process.version}, ${process.platform}, load ${load.join(' ')}`;
  console.log(`\n${machine}\n${table(rows)}`);
  const bench = { machine, model: cpus()[0]?.model, at: new Date().toISOString(), rows, measured };
  await writeFile(join(REPOSITORY, 'build', 'bench.json'), `${JSON.stringify(bench, null, 2)}\n`);
}

async function repeat(runs, script, taskOf) {
  const results = [];
  for (let run = 0; run < runs; run += 1) {
    results.push(await measure(script, taskOf(run)));
    process.stdout.write(`${script} ${run + 1}/${runs}  \r`);
  }
  return results;
}

/** One process of bench/. Rejects when it fails, is late, or ends without an answer. */
function measure(script, task) {
  return new Promise((resolve, reject) => {
    const child = fork(join(REPOSITORY, 'bench', `${script}.mjs`), [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const late = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
    let figures;
    child.on('message', (message) => {
      figures = message;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      if (code === 0 && figures) resolve(figures);
      else reject(new Error(`bench/${script}.mjs ended with ${signal ?? code}${figures ? '' : ' and no figures'}`));
    });
    child.send(task);
  });
}

await main();
