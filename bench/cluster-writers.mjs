/**
 * Measured process: four nodes that write readings of three numbers, through the outbox and to etcd as a runtime does it.
 * A node may write 4 MiB without a pause, and after that a fixed number of bytes a second (src/cluster/pace.ts). `burst` is
 * the rate of the first readings, `sustained` the rate after these 4 MiB. The outboxes are never empty.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { measured } from './task.mjs';

const require = createRequire(import.meta.url);
const { Cluster } = require('../dist/src/cluster/cluster.js');
const { systemClock } = require('../dist/src/platform/clock.js');
const { Losses } = require('../dist/src/cluster/losses.js');
const { NodeOutbox } = require('../dist/src/cluster/outbox/node-outbox.js');
const { NO_REPORT } = require('../dist/src/platform/storage-report.js');
const WRITERS = 4;
/** Readings of each writer in the burst; they are less than 4 MiB. */
const BURST = 10_000;
/** How many readings are added to an outbox in which fewer than half as many wait. */
const REFILL = 4_000;
const REFILL_EVERY_MS = 50;
const MS_PER_SECOND = 1_000;
const READING_BYTES = JSON.stringify(reading(0)).length;

/** Readings a second of all writers once they have used up their 4 MiB, with a margin. A slower etcd is below it at once. */
const PAUSED_RATE = (1.3 * WRITERS * 64 * 2 ** 10) / READING_BYTES;
const WINDOW_S = 3;
const USE_UP_LIMIT_S = 30;
const SUSTAINED_S = 8;

await measured(async ({ userDir, endpoints }) => {
  const writers = [];
  for (let n = 0; n < WRITERS; n += 1) writers.push(await openWriter(n, userDir, endpoints));
  const writeFor = (limitS) => write(writers, ({ seconds }) => seconds >= limitS);
  try {
    const burst = await write(writers, ({ written }) => written >= BURST);
    for (let seconds = 0; seconds < USE_UP_LIMIT_S; seconds += WINDOW_S) {
      if ((await writeFor(WINDOW_S)) < PAUSED_RATE) break;
    }
    const sustained = await writeFor(SUSTAINED_S);
    return { burst, sustained, bytes: READING_BYTES };
  } finally {
    await Promise.all(writers.map((each) => each.close()));
  }
});

async function openWriter(n, userDir, endpoints) {
  const log = () => undefined;
  const losses = new Losses(systemClock, log);
  const folder = join(userDir, `outbox-${n}`);
  const outbox = new NodeOutbox({ folder, clock: systemClock, losses, report: NO_REPORT, log, onRefused: log });
  outbox.start();
  const cluster = new Cluster({
    config: { enabled: true, nodeId: `writer-${n}`, endpoints, role: 'learner' },
    access: {},
    outbox: await outbox.opened(new AbortController().signal),
    losses,
    version: '0.0.0',
    log,
    onListenerError: (error) => {
      throw error;
    },
  });
  cluster.start();
  let published = 0;
  return {
    cluster,
    close: async () => {
      await cluster.close();
      await outbox.close();
    },
    written: () => published - cluster.counts.waiting,
    refill() {
      if (cluster.counts.waiting >= REFILL / 2) return;
      outbox.add(Array.from({ length: REFILL }, (_, index) => reading(published + index)));
      cluster.wake();
      published += REFILL;
    },
  };
}

function reading(count) {
  return {
    node: 'bench',
    plugin: 'air',
    sensorId: 'air',
    timestamp: Date.now(),
    values: { temperature: 20 + (count % 100) / 10, humidity: 40.5, pressure: 1013.25 },
    units: { temperature: '°C', humidity: '%', pressure: 'hPa' },
  };
}

/** Readings a second of all writers together, from now until `isOver({written, seconds})`; `written` is of one writer. */
async function write(writers, isOver) {
  const totalWritten = () => writers.reduce((sum, each) => sum + each.written(), 0);
  const before = totalWritten();
  const startedAt = performance.now();
  for (;;) {
    for (const each of writers) each.refill();
    await new Promise((resolve) => setTimeout(resolve, REFILL_EVERY_MS));
    const total = totalWritten() - before;
    const seconds = (performance.now() - startedAt) / MS_PER_SECOND;
    if (isOver({ written: total / writers.length, seconds })) return total / seconds;
  }
}
