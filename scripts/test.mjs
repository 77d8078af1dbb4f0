/**
 * `npm test`: sets up, builds and runs every test; `npm test -- wasm` runs the groups with that word in their name.
 * A group is a folder of test/ (Node's own test runner), or one of `lint` and `plugins` (pytest). What a group prints goes
 * to build/test/<group>.log and is shown where something failed. Skipped tests are shown with their reason. The last line
 * is `N passed, N failed`; any failure, a group that ends badly or runs nothing at all makes the exit code 1.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { REPOSITORY } from './guest-tools.mjs';

const LOGS = join(REPOSITORY, 'build', 'test');
const COMPILED = join(REPOSITORY, 'dist', 'test');
/** Groups that install the packed package, in the order they are run: last, since they take longest. */
const PACKED = ['system', 'browser', 'node-red-5', 'node-versions'];
/** What is run once more with the newest Node-RED: its Palette Manager, import dialog, code editor and tours. */
const WITH_NODE_RED_5 = ['palette', 'editor-newcomer', 'editor-host-toml', 'editor-upload', 'tour'];
/** Groups that ask a gateway with Modbus clients of others. */
const MODBUS = ['modbus', 'system'];
/** Groups that start etcd. */
const ETCD = ['cluster', 'cluster-setup'];
/** Their tests wait for elections more than they compute: more files at a time than Node's one less than there are processors. */
const FILES_AT_ONCE = 3;
/** Where the runner's list of failed tests begins; what stands before it is the whole run. */
const FAILURES = '✖ failing tests:';
/** A group that hangs is ended; the longest takes a few minutes. */
const GROUP_LIMIT_MS = 20 * 60_000;

const wanted = process.argv.slice(2);

function script(name, ...args) {
  const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', name), ...args], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`test: scripts/${name} failed, see above`);
    process.exit(1);
  }
}

function isWanted(name) {
  return wanted.length === 0 || wanted.some((word) => name.includes(word));
}

/** What takes minutes where the cache has none is built beside everything else that is. */
function buildBeside(name) {
  const child = spawn(process.execPath, [join(REPOSITORY, 'scripts', name)], { cwd: REPOSITORY, stdio: 'inherit' });
  process.on('exit', () => child.kill());
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', resolve);
  });
}

async function finished(name, building) {
  if ((await building) === 0) return;
  console.error(`test: scripts/${name} failed, see above`);
  process.exit(1);
}

async function testFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries.map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.js') ? [path] : [];
  });
  return (await Promise.all(nested)).flat().sort();
}

async function nodeGroups() {
  const folders = (await readdir(join(REPOSITORY, 'test'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && existsSync(join(COMPILED, entry.name)))
    .map((entry) => entry.name);
  const ordered = [...folders.filter((name) => !PACKED.includes(name)).sort(), ...PACKED];
  const groups = await Promise.all(
    ordered
      .filter((name) => folders.includes(name))
      .map(async (name) => ({ name, files: await testFiles(join(COMPILED, name)) })),
  );
  const again = groups.flatMap(({ files }) =>
    files.filter((file) => WITH_NODE_RED_5.includes(basename(file, '.test.js'))),
  );
  groups.find(({ name }) => name === 'node-red-5')?.files.push(...again);
  return groups
    .filter(({ files }) => files.length > 0)
    .map(({ name, files }) => {
      const tap = join(LOGS, `${name}.tap`);
      const reporters = ['spec', 'stdout', 'tap', tap];
      const args = reporters.map((value, i) => `--test-reporter${i % 2 === 0 ? '' : '-destination'}=${value}`);
      if (ETCD.includes(name)) args.push(`--test-concurrency=${FILES_AT_ONCE}`);
      const env = name === 'node-red-5' ? { EDGE_WASI_NODE_RED: join(REPOSITORY, 'build', 'node-red-5.json') } : {};
      return { name, program: process.execPath, args: ['--test', ...args, ...files], env, count: () => countTap(tap) };
    });
}

async function countTap(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  const total = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    passed: total('pass'),
    failed: total('fail') + total('cancelled'),
    skipped: total('skipped') + total('todo'),
    reasons: [...text.matchAll(/^\s*ok \d+ - (.*) # (?:SKIP|TODO)(.*)$/gm)].map(([, name, why]) => `${name}:${why}`),
  };
}

function countPytest(output) {
  const total = (what) => Number(new RegExp(`(\\d+) ${what}`).exec(output)?.[1] ?? 0);
  return { passed: total('passed'), failed: total('failed') + total('error'), skipped: total('skipped'), reasons: [] };
}

/** Why this machine cannot run a group that needs another Node-RED. */
async function reasonOf({ env }) {
  const file = env?.EDGE_WASI_NODE_RED;
  return file === undefined ? undefined : JSON.parse(await readFile(file, 'utf8')).reason;
}

/** Runs one group and says what came of it in one line. */
async function run({ name, program, args, env = {}, count }) {
  const startedAt = performance.now();
  const log = createWriteStream(join(LOGS, `${name}.log`));
  const said = [];
  const status = await new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const late = setTimeout(() => child.kill('SIGKILL'), GROUP_LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said.push(chunk);
        log.write(chunk);
      });
    }
    child.on('error', (error) => said.push(Buffer.from(String(error))));
    child.on('close', (code) => {
      clearTimeout(late);
      resolve(code);
    });
  });
  log.end();
  const output = Buffer.concat(said).toString('utf8');
  const counted = await count(output, status);
  // An exit code without a failed test is one that the runner could not name: a crash, or nothing that ran.
  const unnamed = counted.failed === 0 && (status !== 0 || counted.passed === 0) ? 1 : 0;
  const result = { ...counted, failed: counted.failed + unnamed };
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : '';
  console.log(`${name}: ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`);
  for (const reason of result.reasons) console.log(`  skipped: ${reason}`);
  if (result.failed > 0) console.log(output.slice(Math.max(0, output.indexOf(FAILURES))));
  return result;
}

async function main() {
  const kernel = isWanted('kernel') ? buildBeside('build-kernel.mjs') : 0;
  const etcds = isWanted('cluster') ? buildBeside('build-etcd.mjs') : 0;
  script('setup.mjs');
  script('build-js.mjs');
  script('build-plugins.mjs');
  script('build-plugins.mjs', '--fixtures');
  script('build-prepared.mjs');
  await rm(LOGS, { recursive: true, force: true });
  await mkdir(LOGS, { recursive: true });
  const node = process.execPath;
  const biome = join(REPOSITORY, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const one = (_output, status) => ({
    passed: status === 0 ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    skipped: 0,
    reasons: [],
  });
  const all = [
    { name: 'lint', program: node, args: [biome, 'check', '--error-on-warnings', '.'], count: one },
    { name: 'plugins', program: node, args: [join(REPOSITORY, 'scripts', 'test-python.mjs')], count: countPytest },
    ...(await nodeGroups()),
  ];
  const groups = all.filter(({ name }) => isWanted(name));
  if (groups.length === 0) {
    console.error(
      `test: no group is called like ${wanted.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`,
    );
    process.exit(1);
  }
  if (groups.some(({ name }) => PACKED.includes(name))) script('pack.mjs');
  if (groups.some(({ name }) => MODBUS.includes(name))) script('modbus-clients.mjs');
  if (groups.some(({ name }) => name === 'system')) {
    script('mosquitto.mjs');
    script('prometheus.mjs');
  }
  if (groups.some(({ name }) => ['browser', 'node-red-5'].includes(name))) script('chromium.mjs');
  if (groups.some(({ name }) => name === 'node-red-5')) script('node-red-5.mjs');
  if (groups.some(({ name }) => ETCD.includes(name))) script('etcd.mjs');
  if (groups.some(({ name }) => name === 'node-versions')) {
    script('node-versions.mjs');
    script('emulated-node.mjs');
  }
  await finished('build-kernel.mjs', kernel);
  await finished('build-etcd.mjs', etcds);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const group of groups) {
    const missing = await reasonOf(group);
    if (missing !== undefined) {
      console.log(`${group.name}: skipped, ${missing}`);
      sum.skipped += 1;
      continue;
    }
    const result = await run(group);
    for (const what of Object.keys(sum)) sum[what] += result[what];
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}

await main();
