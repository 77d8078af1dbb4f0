/**
 * Builds guests to WebAssembly components: every folder of plugins/ that holds a guest.json to build/plugins/<name>.wasm
 * or, with `--fixtures`, those of test/fixtures/guests/ to build/fixtures/<name>.wasm.
 *
 * guest.json of a guest in Python: `world`, the world it is built for; `wit`, the WIT files or folders that define it,
 * dependencies first; `modules`, further folders of Python modules. Paths are from the repository's root.
 * guest.json of a guest in WebAssembly's text format: `wat`, a file beside the guests' folders; `set`, the words in it that
 * are replaced, each with its value, so that several guests share one text.
 *
 * A build of Python takes seconds, so components are kept outside the repository under the digest of all that went into
 * them, and found again by any checkout. At most two builds run at a time, each needs some 500 MB.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { cachePath, placeWhole } from './cache.mjs';
import { REPOSITORY, REQUIREMENTS, venvProgram } from './guest-tools.mjs';

const BUILDS_AT_A_TIME = 2;
const COMPONENTIZE = venvProgram('componentize-py');
const CACHE = cachePath('components');

const fixtures = process.argv.includes('--fixtures');
const SOURCES = fixtures ? join(REPOSITORY, 'test', 'fixtures', 'guests') : join(REPOSITORY, 'plugins');
const OUTPUT = join(REPOSITORY, 'build', fixtures ? 'fixtures' : 'plugins');

/** Tests and byte code are no part of a component. */
const LEFT_OUT = new Set(['tests', '__pycache__', '.pytest_cache']);

async function inputFiles(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const kept = entries.filter((entry) => !LEFT_OUT.has(entry.name));
  const nested = await Promise.all(
    kept.map((entry) => (entry.isDirectory() ? inputFiles(join(path, entry.name)) : [join(path, entry.name)])),
  );
  return nested.flat().filter((file) => /\.(py|wit|json)$/.test(file));
}

/** The pinned version, which setup.mjs installed: asking the program itself would cost a start of Python. */
async function componentizeVersion() {
  const pin = /^componentize-py==(\S+)/m.exec(await readFile(REQUIREMENTS, 'utf8'));
  if (pin === null) throw new Error(`${REQUIREMENTS} pins no version of componentize-py`);
  return pin[1];
}

async function findGuests() {
  const entries = await readdir(SOURCES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && existsSync(join(SOURCES, entry.name, 'guest.json')));
  return Promise.all(
    folders.map(async ({ name }) => {
      const folder = join(SOURCES, name);
      const { world, wit, modules = [], wat, set } = JSON.parse(await readFile(join(folder, 'guest.json'), 'utf8'));
      if (wat !== undefined) return { name, wat: join(SOURCES, wat), set };
      const fromRoot = (path) => join(REPOSITORY, path);
      return { name, world, folder, wit: wit.map(fromRoot), modules: modules.map(fromRoot) };
    }),
  );
}

async function digestOf(guest, version) {
  const files = (await Promise.all([guest.folder, ...guest.wit, ...guest.modules].map(inputFiles))).flat();
  const hash = createHash('sha256').update(`componentize-py ${version}\n${guest.world}\n`);
  for (const file of [...new Set(files)].sort()) {
    const content = await readFile(file);
    hash.update(`${relative(REPOSITORY, file).split(sep).join('/')} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function componentize(guest, target) {
  const args = guest.wit.flatMap((path) => ['-d', path]);
  args.push('-w', guest.world, 'componentize', 'app');
  args.push(...[guest.folder, ...guest.modules].flatMap((path) => ['-p', path]), '-o', target);
  return new Promise((resolve, reject) => {
    const child = spawn(COMPONENTIZE, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', (error) =>
      reject(new Error(`${COMPONENTIZE} did not start: ${error.message}. Run "npm run setup".`)),
    );
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`componentize-py ended with ${status}:\n${Buffer.concat(said).toString('utf8').trim()}`));
    });
  });
}

/** Takes milliseconds, so it is done every time. */
async function assemble({ name, wat, set = {} }) {
  const text = await readFile(wat, 'utf8');
  const words = Object.entries(set);
  const unknown = words.filter(([word]) => !text.includes(word)).map(([word]) => word);
  if (unknown.length > 0) throw new Error(`${wat} has no ${unknown.join(', ')}, which guest.json sets`);
  const component = await parse(words.reduce((replaced, [word, value]) => replaced.replaceAll(word, value), text));
  await placeWhole((partial) => writeFile(partial, component), join(OUTPUT, `${name}.wasm`));
}

async function build(guest, version) {
  if (guest.wat !== undefined) return assemble(guest);
  const cached = join(CACHE, `${await digestOf(guest, version)}.wasm`);
  const startedAt = performance.now();
  const fresh = !existsSync(cached);
  if (fresh) await placeWhole((partial) => componentize(guest, partial), cached);
  await placeWhole((partial) => copyFile(cached, partial), join(OUTPUT, `${guest.name}.wasm`));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${guest.name}: ${fresh ? `built in ${seconds} s` : 'unchanged'} (${guest.world})`);
}

async function removeStale(guests) {
  const wanted = new Set(guests.map((guest) => `${guest.name}.wasm`));
  const found = (await readdir(OUTPUT)).filter((file) => file.endsWith('.wasm') && !wanted.has(file));
  await Promise.all(found.map((file) => rm(join(OUTPUT, file))));
}

async function main() {
  const [guests, version] = await Promise.all([findGuests(), componentizeVersion()]);
  await Promise.all([mkdir(CACHE, { recursive: true }), mkdir(OUTPUT, { recursive: true })]);
  await removeStale(guests);
  const failures = [];
  const waiting = [...guests];
  const buildNext = async () => {
    for (let guest = waiting.shift(); guest !== undefined; guest = waiting.shift()) {
      try {
        await build(guest, version);
      } catch (error) {
        failures.push(guest.name);
        console.error(`${guest.name}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: BUILDS_AT_A_TIME }, buildNext));
  if (failures.length > 0) {
    console.error(`not built: ${failures.join(', ')}`);
    process.exitCode = 1;
  }
}

await main();
