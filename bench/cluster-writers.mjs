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
const WRITERS = 4;
/** Readings of each writer in the burst; they are less than 4 MiB. */
const BURST = 10_000;
const SUSTAINED_S = 8;
const REFILL_EVERY_MS = 50;
const MS_PER_SECOND = 1_000;

/** `refill`: how many are added to an outbox in which fewer than half as many wait. */
const SMALL = { values: { temperature: 20.5, humidity: 40.5, pressure: 1013.25 }, refill: 4_000 };
/** Large readings use up the 4 MiB sooner. */
const LARGE_NAMES = Array.from({ length: 20 }, (_, index) => `value_${index}_`.padEnd(40, 'x'));
const LARGE = { values: Object.fromEntries(LARGE_NAMES.map((name) => [name, 1])), refill: 200 };
const WINDOW_S = 2;
/** An etcd that is slower than the fixed rate never makes a writer pause: its own rate is the sustained one. */
const USE_UP_LIMIT_S = 24;

await measured(async ({ userDir, endpoints }) => {
  const writers = [];
  for (let n = 0; n < WRITERS; n += 1) writers.push(await openWriter(n, userDir, endpoints));
  try {
    const burst = await write(writers, SMALL, ({ written }) => written >= BURST);
    await useUp(writers);
    const sustained = await write(writers, SMALL, ({ seconds }) => seconds >= SUSTAINED_S);
    return { burst, sustained, bytes: JSON.stringify(reading(SMALL)).length };
  } finally {
    await Promise.all(writers.map((each) => each.cluster.close()));
  }
});

/** Writes until the rate falls, which it does when a writer may no longer write without pauses. */
async function useUp(writers) {
  await write(writers, LARGE, ({ written }) => written >= SMALL.refill);
  let highest = 0;
  for (let seconds = 0; seconds < USE_UP_LIMIT_S; seconds += WINDOW_S) {
    const rate = await write(writers, LARGE, (window) => window.seconds >= WINDOW_S);
    if (rate < highest / 2) break;
    highest = Math.max(highest, rate);
  }
  // The large readings that still wait do not belong to the rate that is measured next.
  await write(writers, SMALL, ({ written }) => written >= LARGE.refill);
}

async function openWriter(n, userDir, endpoints) {
  const cluster = await Cluster.open({
    config: { enabled: true, nodeId: `writer-${n}`, endpoints, role: 'learner' },
    outboxFolder: join(userDir, `outbox-${n}`),
    version: '0.0.0',
    log: () => undefined,
    onListenerError: (error) => {
      throw error;
    },
  });
  let published = 0;
  return {
    cluster,
    written: () => published - cluster.counts.waiting,
    refill(kind) {
      if (cluster.counts.waiting >= kind.refill / 2) return;
      cluster.publish(Array.from({ length: kind.refill }, () => reading(kind)));
      published += kind.refill;
    },
  };
}

function reading({ values }) {
  const units = Object.fromEntries(Object.keys(values).map((name) => [name, '°C']));
  return { node: 'bench', plugin: 'air', sensorId: 'air', timestamp: Date.now(), values, units };
}

/** Readings a second of all writers together, from now until `isOver({written, seconds})`; `written` is of one writer. */
async function write(writers, kind, isOver) {
  const totalWritten = () => writers.reduce((sum, each) => sum + each.written(), 0);
  const before = totalWritten();
  const startedAt = performance.now();
  for (;;) {
    for (const each of writers) each.refill(kind);
    await new Promise((resolve) => setTimeout(resolve, REFILL_EVERY_MS));
    const total = totalWritten() - before;
    const seconds = (performance.now() - startedAt) / MS_PER_SECOND;
    if (isOver({ written: total / writers.length, seconds })) return total / seconds;
  }
}
