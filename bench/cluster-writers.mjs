/**
 * Measured process: four nodes that write readings of three numbers, through the outbox and to etcd as a runtime does it.
 * Their outboxes are never empty. `burst` is the rate of the first readings: a node may write 4 MiB without a pause, and
 * then only so much a second (src/cluster/pace.ts). `sustained` is the rate after these 4 MiB.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { measured } from './task.mjs';

const require = createRequire(import.meta.url);
const { Cluster } = require('../dist/src/cluster/cluster.js');
const WRITERS = 4;
/** Readings of each writer in the burst, some 2.5 MiB. */
const BURST = 12_500;
/** With these bytes, and so many more each second, a writer has used up what it may write without a pause. */
const ALLOWED_BYTES = 4.5 * 2 ** 20;
const ALLOWED_BYTES_PER_SECOND = 80 * 2 ** 10;
/** Where etcd is slower than that, its own rate is the sustained one. */
const USE_UP_LIMIT_S = 40;
const SUSTAINED_S = 10;
/** An outbox is refilled with so many readings: it holds 4 MiB in memory. */
const REFILL = 5_000;
const REFILL_EVERY_MS = 50;
const MS_PER_SECOND = 1_000;
const READING_BYTES = JSON.stringify(reading(0)).length;

await measured(async ({ userDir, endpoints }) => {
  const writers = [];
  for (let n = 0; n < WRITERS; n += 1) writers.push(await openWriter(n, userDir, endpoints));
  try {
    const burst = await rateUntil(writers, ({ written }) => written >= BURST * WRITERS);
    await rateUntil(writers, ({ total, seconds }) => isUsedUp(total, burst.seconds + seconds));
    const sustained = await rateUntil(writers, ({ seconds }) => seconds >= SUSTAINED_S);
    return { burst: burst.rate, sustained: sustained.rate, bytes: READING_BYTES };
  } finally {
    await Promise.all(writers.map((each) => each.cluster.close()));
  }
});

function isUsedUp(total, seconds) {
  const allowed = ALLOWED_BYTES + ALLOWED_BYTES_PER_SECOND * seconds;
  return (total / WRITERS) * READING_BYTES > allowed || seconds > USE_UP_LIMIT_S;
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
    refill() {
      if (cluster.counts.waiting >= REFILL / 2) return;
      cluster.publish(Array.from({ length: REFILL }, (_, index) => reading(published + index)));
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

/** Readings a second of all writers together, from now until `isOver({written, total, seconds})`. */
async function rateUntil(writers, isOver) {
  const totalWritten = () => writers.reduce((sum, each) => sum + each.written(), 0);
  const before = totalWritten();
  const startedAt = performance.now();
  for (;;) {
    for (const each of writers) each.refill();
    await new Promise((resolve) => setTimeout(resolve, REFILL_EVERY_MS));
    const total = totalWritten();
    const written = total - before;
    const seconds = (performance.now() - startedAt) / MS_PER_SECOND;
    if (isOver({ written, total, seconds })) return { rate: written / seconds, seconds };
  }
}
