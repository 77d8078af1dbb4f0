/**
 * `npm run bench`: builds what is out of date, measures the package in a real Node-RED, prints a table and writes
 * build/bench.json. `npm run bench -- poll page` measures these groups alone; bench/groups/ has all of them. Every measured
 * process has a file in bench/, which says what its figures mean. `npm run bench:readme` writes README's table.
 *
 * On a machine that does other work compare the ratios: their baselines are measured in the same run.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenGroups, GROUPS } from '../bench/groups.mjs';
import { makeGuests } from '../bench/guests.mjs';
import { baselineText, machineText, terminalTable, usedBaselines } from '../bench/report.mjs';
import { buildWhatChanged, runScript } from './built.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const BENCH_JSON = join(REPOSITORY, 'build', 'bench.json');

async function main() {
  const names = chosenGroups(process.argv.slice(2));
  await build(names);
  const machine = await describeMachine();
  const startedAt = performance.now();
  const scratch = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  try {
    const guestsDir = await makeGuests(scratch);
    const groups = [];
    for (const name of names) groups.push(await measureGroup(name, scratch, guestsDir));
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    await report({ at: new Date().toISOString(), seconds, machine, groups, baselines: usedBaselines(groups) });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function build(names) {
  await buildWhatChanged('bench');
  runScript('bench', 'build-plugins.mjs', '--fixtures');
  if (names.includes('page')) runScript('bench', 'chromium.mjs');
  if (names.includes('cluster')) runScript('bench', 'etcd.mjs');
}

async function measureGroup(name, scratch, guestsDir) {
  const folder = join(scratch, name);
  await mkdir(folder);
  const measured = await GROUPS[name].measure({ folder, guestsDir });
  return { name, rows: GROUPS[name].rows(measured), measured };
}

async function describeMachine() {
  const nodeRed = JSON.parse(await readFile(join(REPOSITORY, 'node_modules', 'node-red', 'package.json'), 'utf8'));
  return {
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown processor',
    arch: process.arch,
    platform: process.platform,
    node: process.version,
    nodeRed: nodeRed.version,
    load: loadavg()[0],
  };
}

async function report(bench) {
  console.log(`\n${terminalTable(bench.groups)}\n`);
  console.log(`Ratios are to baselines of the same run:\n${bench.baselines.map(baselineText).join('\n')}\n`);
  console.log(`${machineText(bench.machine)}\nmeasured in ${bench.seconds} s; build/bench.json has all figures`);
  await writeFile(BENCH_JSON, `${JSON.stringify(bench, null, 2)}\n`);
}

await main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
