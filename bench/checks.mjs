/**
 * Measured process: the cost of the security checks, as shares of the load or the poll that they are part of. No check can
 * be left out to see the difference, and on a busy machine two runs differ by more than the checks cost. So the functions
 * that check are timed by themselves, on the inputs of the load or poll before, in the same process and minute; the sum of
 * their times is divided by the time of that load or poll.
 *
 * A load: the four bundled plugins one after the other, by a new loader, until each can be called. Its checks: digests of
 * manifests, glue, modules that are not held yet, and data; the check of imports; the limit on memories.
 * A poll: a call of pi_monitor from the main thread and back. Its checks: the guards on the plugin's file and folder, the
 * arguments of every call the guest makes, the size of the result.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './figures.mjs';
import { PLUGINS } from './node-red.mjs';
import { measured } from './task.mjs';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const BUNDLED_DIR = join(REPOSITORY, 'dist', 'prepared');
const BUNDLED = JSON.parse(readFileSync(join(BUNDLED_DIR, 'bundled.json'), 'utf8'));
const require = createRequire(import.meta.url);
const src = (path) => require(join(REPOSITORY, 'dist', 'src', `${path}.js`));

const { checkedFunctions } = src('capabilities/argument-check');
const { refusedImports } = src('capabilities/import-check');
const { newRefusalCount } = src('capabilities/refusal-count');
const { openDeviceThread } = src('hardware/device-thread');
const { parseHostConfig } = src('host-config/parse-host-config');
const { roleOf } = src('plugin-host/plugin-role');
const { startGuest } = src('plugin-host/running-guest');
const { StateFiles } = src('plugin-host/state-files');
const { hardwareSettings } = src('runtime/hardware-settings');
const { ComponentLoader } = src('wasm/component-loader');
const { limitMemory } = src('wasm/core-limits');
const { hold, stampOf } = src('wasm/file-guard');
const { Guest } = src('wasm/guest');
const { MAKERS } = src('wasm/makers');
const { manifestText, parseManifest } = src('wasm/manifest');
const { PreparedStore } = src('wasm/prepared-store');
const { exceedsLimit } = src('wasm/result-size');
const { sha256 } = src('wasm/sha256');
const { WASI_INTERFACES } = src('wasm/wasi/wasi-imports');

/** The first load starts the process's threads and fills the disk's cache, and is not counted. */
const LOADS = 5;
const WARM_UP = 1_500;
const POLLS = 1_000;
/** A check that takes less than a step of the clock is repeated this often between two readings of the clock. */
const BATCH = 1_000;
const US_PER_MS = 1_000;

const config = parseHostConfig('', 'host.toml', { hostName: 'bench' });
const store = new PreparedStore(BUNDLED_DIR, MAKERS);

await measured(async ({ userDir }) => {
  const devices = await openDeviceThread({ kind: 'simulated', because: 'bench' }, hardwareSettings(config));
  const loads = [];
  for (let turn = 0; turn < LOADS; turn += 1) loads.push({ ms: await loadMs(userDir, devices), ...loadChecks() });
  const load = loads.slice(1);
  const poll = await pollShares(userDir, devices);
  await devices.close();
  const share = (part) => median(load.map((one) => one[part] / one.ms));
  return { load: { digests: share('digests'), imports: share('imports'), memories: share('memories') }, poll };
});

function loaderIn(userDir) {
  return new ComponentLoader({ storeDir: join(userDir, 'store'), bundledDir: BUNDLED_DIR });
}

async function loadMs(userDir, devices) {
  const deps = {
    loader: loaderIn(userDir),
    stateFiles: new StateFiles(join(userDir, 'state'), (error) => console.error(error)),
    ledCount: () => config.leds.count,
    connectDevices: () => devices.connect(),
    onOutput: () => undefined,
    onWarning: () => undefined,
  };
  const { signal } = new AbortController();
  const guests = [];
  const startedAt = performance.now();
  for (const name of PLUGINS) {
    const located = { origin: 'bundled', source: { kind: 'bundled', digest: BUNDLED[name] }, key: '', modifiedAt: 0 };
    guests.push(await startGuest(config.plugins.get(name), located, deps, { signal }));
  }
  const ms = performance.now() - startedAt;
  await Promise.all(guests.map((guest) => guest.close()));
  await deps.loader.close();
  return ms;
}

function loadChecks() {
  const spent = { digests: 0, imports: 0, memories: 0 };
  const timed = (part, check) => {
    const startedAt = performance.now();
    check();
    spent[part] += performance.now() - startedAt;
  };
  const held = new Set();
  for (const name of PLUGINS) {
    const { grants, limits } = config.plugins.get(name);
    const manifest = store.find(BUNDLED[name]);
    const text = manifestText(manifest);
    timed('digests', () => parseManifest(text));
    timed('imports', () => {
      refusedImports(manifest.imports, grants, WASI_INTERFACES);
      roleOf(manifest.exports);
    });
    const hashed = (digest) => {
      const bytes = readFileSync(join(store.blobsDir, digest));
      timed('digests', () => sha256(bytes));
      return bytes;
    };
    hashed(manifest.glue);
    for (const { digest, definesMemory, data } of manifest.modules) {
      if (!held.has(digest)) {
        const bytes = hashed(digest);
        if (definesMemory) timed('memories', () => limitMemory(bytes, limits.memoryMb));
        held.add(digest);
      }
      if (data) hashed(data.digest);
    }
  }
  return spent;
}

async function pollShares(userDir, devices) {
  const loader = loaderIn(userDir);
  const guest = await startRecorded(loader, devices);
  const instance = roleOf(store.find(BUNDLED.pi_monitor).exports).instance;
  const guards = [join(REPOSITORY, 'build', 'plugins'), join(REPOSITORY, 'build', 'plugins', 'pi_monitor.wasm')].map(
    (path) => ({ path, stamp: stampOf(statSync(path, { bigint: true })) }),
  );
  const times = [];
  let last;
  for (let turn = 0; turn < WARM_UP + POLLS; turn += 1) {
    const startedAt = performance.now();
    last = await guest.callWhile(guards, instance, 'poll', [], config.defaultLimits.deadlineMs);
    if (turn >= WARM_UP) times.push((performance.now() - startedAt) * US_PER_MS);
  }
  await guest.close();
  await loader.close();
  const pollUs = median(times);
  return {
    pollUs,
    guards: batchUs(() => hold(guards)) / pollUs,
    arguments: argumentsUs(last.effects.always) / pollUs,
    result: batchUs(() => exceedsLimit(last.value)) / pollUs,
  };
}

async function startRecorded(loader, devices) {
  const { name, grants, leds, settings, limits } = config.plugins.get('pi_monitor');
  const source = { kind: 'bundled', digest: BUNDLED.pi_monitor };
  const component = await loader.load(source, { memoryMb: limits.memoryMb, deadlineMs: limits.loadDeadlineMs });
  const connection = devices.connect();
  return Guest.start({
    name,
    component,
    importsModule: join(REPOSITORY, 'bench', 'recorded-imports.cjs'),
    importsData: {
      plugin: name,
      grants,
      leds: { count: config.leds.count, granted: leds },
      settings,
      state: new Map(),
      devices: connection,
      refusals: newRefusalCount(),
    },
    transfer: [connection.port],
    memoryMb: limits.memoryMb,
    loadDeadlineMs: limits.loadDeadlineMs,
    signal: new AbortController().signal,
    onOutput: () => undefined,
    onWarning: () => undefined,
  });
}

/** `calls` has the arguments of each call. The functions behind the check do nothing here. */
function argumentsUs(calls) {
  const kindOf = { number: 'u32', string: 'string', boolean: 'bool' };
  const passed = calls.map((args) => ({ args, kinds: args.map((arg) => kindOf[typeof arg] ?? 'bytes') }));
  const checked = passed.map(({ args, kinds }) => {
    const { called } = checkedFunctions('bench', { called: () => undefined }, { called: kinds });
    return { args, called };
  });
  return batchUs(() => {
    for (const { args, called } of checked) called(...args);
  });
}

/** V8 compiles the check during the first batch; the result is the median of the others. */
function batchUs(check) {
  const batches = Array.from({ length: 6 }, () => {
    const startedAt = performance.now();
    for (let left = BATCH; left > 0; left -= 1) check();
    return ((performance.now() - startedAt) * US_PER_MS) / BATCH;
  });
  return median(batches.slice(1));
}
