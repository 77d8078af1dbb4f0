/**
 * What the tests consist of. A group is a folder of test/, or one of `lint` and `plugins` (pytest). A file `x.test.ts` is
 * run by `npm test`, a file `x.slow.test.ts` by `npm run test:all`: it takes long, or needs what npm and Python's registry
 * do not have.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { REPOSITORY, venvProgram } from '../guest-tools.mjs';

const COMPILED = join(REPOSITORY, 'dist', 'test');
const SLOW = '.slow.test.js';

/**
 * Groups that mostly wait for other processes, so that those that compute can run beside them. The longest come first, and
 * those that wait for a build of their own last.
 */
const WAITING = [
  'browser',
  'system',
  'node-red-5',
  'node-versions',
  'cluster-setup',
  'cluster',
  'toolchains',
  'kernel',
];
/** Whose files must not run at the same time: two kernels of the tests on one machine see each other's devices. */
const SERIAL = ['kernel'];
/** Of those that compute; the others take a few seconds each. */
const LONGEST = ['lint', 'hostile', 'fuzz', 'runtime', 'wasm'];

/** Scripts that bring what a group's tests need; each writes a file of build/ that says what it found. */
const NEEDS = {
  browser: ['pack.mjs', 'chromium.mjs', 'etcd.mjs'],
  cluster: ['etcd.mjs'],
  'cluster-setup': ['etcd.mjs'],
  modbus: ['modbus-clients.mjs'],
  'node-red-5': ['pack.mjs', 'chromium.mjs', 'node-red-5.mjs'],
  'node-versions': ['pack.mjs', 'node-versions.mjs', 'emulated-node.mjs'],
  system: ['pack.mjs', 'etcd.mjs', 'modbus-clients.mjs'],
};
const NEEDS_OF_SLOW = {
  toolchains: ['node-versions.mjs'],
  system: ['mosquitto.mjs', 'prometheus.mjs', 'node-versions.mjs'],
};

/** What takes minutes to build where the cache has none: done beside the tests, and a group waits for its own. */
const BUILDS = {
  toolchains: ['build-toolchain-guests.mjs'],
  kernel: ['build-kernel.mjs'],
  cluster: ['build-etcd.mjs', 'build-kernel.mjs'],
};

/** What is run once more with the newest Node-RED: its Palette Manager, import dialog, code editor and tours. */
const WITH_NODE_RED_5 = ['palette', 'editor-newcomer', 'editor-host-toml', 'editor-upload', 'tour'];

/**
 * The groups whose name contains one of `words`, all without words. `slow`: those files alone.
 * A group is `{name, needs, builds, waits, serial, jobs}`, a job one process: `{name, program, args, env, kind}`; `kind` tells how
 * its results are counted.
 */
export async function testGroups({ words, slow }) {
  const entries = (await readdir(COMPILED, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const folders = await Promise.all(entries.map(async ({ name }) => ({ name, files: await testFiles(name) })));
  const again = folders.flatMap(({ files }) => files.filter((file) => WITH_NODE_RED_5.includes(nameOf(file))));
  const groups = folders.map(({ name, files }) => {
    const own = files.filter((file) => file.endsWith(SLOW) === slow);
    const jobs = [...own, ...(slow && name === 'node-red-5' ? again : [])].map((file) => fileJob(name, file));
    const needs = [...(NEEDS[name] ?? []), ...((slow && NEEDS_OF_SLOW[name]) || [])];
    return { name, needs, builds: slow ? (BUILDS[name] ?? []) : [], jobs };
  });
  if (!slow) groups.push(lint(), plugins());
  const order = [...WAITING, ...LONGEST];
  const placeOf = ({ name }) => (order.includes(name) ? order.indexOf(name) : order.length);
  return groups
    .filter(({ name, jobs }) => jobs.length > 0 && (words.length === 0 || words.some((word) => name.includes(word))))
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map((group) => ({ ...group, waits: WAITING.includes(group.name), serial: SERIAL.includes(group.name) }));
}

async function testFiles(group) {
  const entries = await readdir(join(COMPILED, group), { recursive: true });
  return entries
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(COMPILED, group, name));
}

function nameOf(file) {
  return basename(file).replace(/(\.slow)?\.test\.js$/, '');
}

/** For the processes of a group. */
const ENVIRONMENTS = {
  'node-red-5': { EDGE_WASI_NODE_RED: join(REPOSITORY, 'build', 'node-red-5.json') },
  // These compare resident memory: glibc would keep what each ended thread freed in an arena of its own.
  hostile: { MALLOC_ARENA_MAX: '2' },
};

function fileJob(group, file) {
  const env = ENVIRONMENTS[group] ?? {};
  return { name: `${group}/${nameOf(file)}`, program: process.execPath, args: [file], env, kind: 'node:test' };
}

function lint() {
  const biome = join(REPOSITORY, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'check', '--error-on-warnings', '.'];
  return {
    name: 'lint',
    needs: [],
    builds: [],
    jobs: [{ name: 'lint/biome', program: process.execPath, args, kind: 'command' }],
  };
}

function plugins() {
  const args = ['-m', 'pytest', 'plugins'];
  const job = { name: 'plugins/pytest', program: venvProgram('python'), args, kind: 'pytest' };
  return { name: 'plugins', needs: [], builds: [], jobs: [job] };
}

/** Why this machine cannot run a job that needs another Node-RED. */
export async function reasonAgainst({ env }) {
  const file = env?.EDGE_WASI_NODE_RED;
  return file === undefined ? undefined : JSON.parse(await readFile(file, 'utf8')).reason;
}
