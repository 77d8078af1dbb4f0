/**
 * A dashboard that 200 browsers watch, inside a real Node-RED: `node bench/dashboard-clients.mjs --minutes 10`, or
 * `--seconds 20 --clients 200`. A sensor is polled every second. The output is JSON: changes and renders (one for each change,
 * for any number of browsers), the pages that the browsers received, the memory of the process after a tenth of the time
 * and at the end, and the longest stall of the loop (stall-probe.mjs). test/browser/clients.slow.test.ts checks these figures.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const MS_PER_SECOND = 1_000;
const BYTES_PER_MB = 1_000_000;
const POLL_EVERY_MS = 1_000;
/** Longer than the shortest time between two renders. */
const SETTLE_MS = 1_500;
const CONFIG = '[logging]\nshow_sensor_data = false\n[cluster]\nnode_id = "bench"\n';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seconds: { type: 'string' }, clients: { type: 'string', default: '200' } },
});
const seconds = values.minutes ? 60 * Number(values.minutes) : Number(values.seconds ?? 20);
const clients = Number(values.clients);
const userDir = mkdtempSync(join(tmpdir(), 'wasi-watched-'));
// Node-RED's log goes to stdout, where only the figures belong.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
try {
  print(`${JSON.stringify(await measure())}\n`);
} finally {
  rmSync(userDir, { recursive: true, force: true });
}
process.exit(0);

async function measure() {
  const nodeRed = await openNodeRed(userDir);
  const page = { id: 'page', type: 'dashboard', plugin: 'dashboard', path: '/wasi' };
  const api = await nodeRed.deploy(flow({ configText: CONFIG }, [page]));
  await whenReady(api);
  await api.pollAll();
  const watchers = fork(join(HERE, 'page-watchers.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  watchers.send({ url: `http://127.0.0.1:${nodeRed.server.address().port}/wasi/events?page`, clients });
  await nextMessage(watchers);
  await pause(SETTLE_MS);
  const figures = await watched(api);
  watchers.send('end');
  const seen = await nextMessage(watchers);
  await nodeRed.close();
  return { clients, seconds, ...figures, ...seen };
}

/** The next message of the watchers. Rejects when they end instead. */
async function nextMessage(watchers) {
  const end = new AbortController();
  const ended = once(watchers, 'exit', { signal: end.signal }).then(([code, signal]) => {
    throw new Error(`the watchers ended by themselves (${signal ?? code})`);
  });
  try {
    const [message] = await Promise.race([once(watchers, 'message', { signal: end.signal }), ended]);
    return message;
  } finally {
    end.abort();
    ended.catch(() => {});
  }
}

async function watched(api) {
  const rendersBefore = api.plugin('dashboard').polls;
  const first = await pollFor(api, seconds / 10);
  const early = memoryMb();
  const rest = await pollFor(api, (seconds * 9) / 10);
  const late = memoryMb();
  const renders = api.plugin('dashboard').polls - rendersBefore;
  return { changes: first.changes + rest.changes, renders, early, late, stall: rest.stall };
}

/** The probe is closed before `memoryMb` collects garbage. */
async function pollFor(api, howLong) {
  const probe = new StallProbe();
  const endsAt = performance.now() + howLong * MS_PER_SECOND;
  let changes = 0;
  do {
    await api.poll('dht22');
    changes += 1;
    await pause(POLL_EVERY_MS);
  } while (performance.now() < endsAt);
  await pause(SETTLE_MS);
  const stall = probe.take();
  probe.close();
  return { changes, stall };
}

/** The memory of objects and buffers, which a leak would fill; resident memory varies with the garbage collector. */
function memoryMb() {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { usedMb: (heapUsed + external) / BYTES_PER_MB, rssMb: rss / BYTES_PER_MB };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
