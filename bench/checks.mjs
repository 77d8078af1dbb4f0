/**
 * Measured process: the cost of the security checks, as shares of the load or the poll that they are part of. No check can
 * be left out to see the difference, and on a busy machine two runs differ by more than the checks cost. So the functions
 * that check are timed by themselves, on the inputs of the load or poll before, in the same process and minute; the sum of
 * their times is divided by the time of that load or poll.
 *
 * A load: the four bundled plugins one after the other, by a new loader and in a new process of guests, until each can be
 * called. Its checks: digests of manifests, glue, modules that are not held yet, and data; the check of imports; the limit
 * on memories.
 * A poll: a call of pi_monitor from the main thread and back. Its checks: the arguments of every call the guest makes, in its
 * thread; whether it may make each of its device calls, in Node-RED's process; and the form of what its thread sends. That
 * the values in it are bounded is checked while they are decoded, and cannot be timed by itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BareGuests, BUNDLED, BUNDLED_DIR, loaderIn, processesIn } from './bare-guests.mjs';
import { median } from './figures.mjs';
import { PLUGINS } from './node-red.mjs';
import { measured } from './task.mjs';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const src = (path) => require(join(REPOSITORY, 'dist', 'src', `${path}.js`));

const { checkedFunctions } = src('capabilities/argument-check');
const { permittedCall } = src('capabilities/device-permissions');
const { GuestCounts } = src('capabilities/guest-counts');
const { refusedImports } = src('capabilities/import-check');
const { PreparedStore } = src('component-store/prepared-store');
const { FROM_GUEST, parseFromGuest } = src('guest-process/guest-messages');
const { openDeviceThread } = src('hardware/device-thread');
const { parseHostConfig } = src('host-config/parse-host-config');
const { parseEffects } = src('plugin-host/guest-effects');
const { roleOf } = src('plugin-host/plugin-role');
const { startGuest } = src('plugin-host/running-guest');
const { StateFiles } = src('plugin-host/state-files');
const { hardwareSettings } = src('runtime/hardware-settings');
const { limitMemory } = src('wasm/core-limits');
const { MAKERS } = src('wasm/makers');
const { manifestText, parseManifest } = src('wasm/manifest');
const { sha256 } = src('wasm/sha256');
const { WASI_INTERFACES } = src('wasm/wasi/wasi-imports');

/** The first load starts the process's threads and fills the disk's cache, and is not counted. */
const LOADS = 5;
const WARM_UP = 1_500;
const POLLS = 1_000;
/** A check that takes less than a step of the clock is repeated this often between two readings of the clock. */
const BATCH = 1_000;
const US_PER_MS = 1_000;
/** What running-guest.ts sends along with each poll of pi_monitor. */

const config = parseHostConfig('', 'host.toml', { hostName: 'bench' });
const store = new PreparedStore(BUNDLED_DIR, MAKERS);

await measured(async ({ userDir }) => {
  const devices = await openDeviceThread({ kind: 'simulated', because: 'bench' }, hardwareSettings(config));
  const loads = [];
  for (let turn = 0; turn < LOADS; turn += 1)
    loads.push({ ms: await loadMs(userDir, devices), ...(await loadChecks()) });
  const load = loads.slice(1);
  const poll = await pollShares(userDir, devices);
  await devices.close();
  const share = (part) => median(load.map((one) => one[part] / one.ms));
  return { load: { digests: share('digests'), imports: share('imports'), memories: share('memories') }, poll };
});

async function loadMs(userDir, devices) {
  const deps = {
    loader: loaderIn(userDir),
    processes: processesIn(userDir),
    stateFiles: new StateFiles(join(userDir, 'state'), (error) => console.error(error)),
    ledCount: () => config.leds.count,
    connectDevices: () => devices.callerFor(),
    onOutput: () => undefined,
    onWarning: () => undefined,
  };
  const { signal } = new AbortController();
  const guests = [];
  const startedAt = performance.now();
  for (const name of PLUGINS) {
    const located = { origin: 'bundled', source: { kind: 'bundled', digest: BUNDLED[name] }, key: '', modifiedAt: 0 };
    guests.push(await startGuest(config.plugins.get(name), located, deps, { signal, counts: new GuestCounts() }));
  }
  const ms = performance.now() - startedAt;
  for (const guest of guests) guest.close();
  deps.loader.close();
  await deps.processes.close();
  return ms;
}

async function loadChecks() {
  const spent = { digests: 0, imports: 0, memories: 0 };
  const timed = (part, check) => {
    const startedAt = performance.now();
    check();
    spent[part] += performance.now() - startedAt;
  };
  const held = new Set();
  for (const name of PLUGINS) {
    const { grants, limits } = config.plugins.get(name);
    const manifest = await store.find(BUNDLED[name]);
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
  const guests = new BareGuests({ userDir, devices, config });
  const guest = await guests.start({ module: 'recorded-imports.cjs' });
  const times = [];
  let last;
  for (let turn = 0; turn < WARM_UP + POLLS; turn += 1) {
    const startedAt = performance.now();
    last = await guest.poll(config.defaultLimits.deadlineMs);
    if (turn >= WARM_UP) times.push((performance.now() - startedAt) * US_PER_MS);
  }
  guest.close();
  await guests.close();
  const pollUs = median(times);
  const { calls, deviceCalls, effects } = last.effects.always;
  return {
    pollUs,
    arguments: argumentsUs(calls) / pollUs,
    devices: devicesUs(deviceCalls) / pollUs,
    messages: messagesUs(last.value, effects) / pollUs,
  };
}

function devicesUs(calls) {
  const { grants } = config.plugins.get('pi_monitor');
  for (const { method, args } of calls)
    if (!permittedCall(grants, method, args)) throw new Error(`${method} is not granted`);
  return batchUs(() => {
    for (const { method, args } of calls) permittedCall(grants, method, args);
  });
}

/** What its thread sends at the end of a poll; its device calls are some fields more. */
function messagesUs(value, effects) {
  const granted = new Set(config.plugins.get('pi_monitor').leds);
  const sent = { call: 1, value, ...effects, memoryBytes: 1 };
  return batchUs(() => {
    parseEffects(parseFromGuest(FROM_GUEST.returned, sent).effects, granted);
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
