/**
 * Measured process: four nodes that write readings of three numbers, through the outbox and to etcd as a runtime does it.
 * `burst`: how fast the first half of a backlog goes; a node may write 4 MiB at once (src/cluster/pace.ts). `sustained`: after that is used
 * up, the highest rate at which no outbox grows, found by raising it step by step.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { measured } from './task.mjs';

const require = createRequire(import.meta.url);
const { Cluster } = require('../dist/src/cluster/cluster.js');
const WRITERS = 4;
/** Of each writer: some 4.5 MiB, and so a little more than the burst. */
const BACKLOG = 25_000;
const BACKLOG_LIMIT_MS = 60_000;
const ADD_EVERY_MS = 50;
const STEP_MS = 5_000;
/** Of one writer, readings a second. */
const RATES = [300, 400, 500, 600, 800, 1_000];
/** What may wait: the transaction in flight and what came meanwhile. */
const MAY_WAIT_S = 1;
const MS_PER_SECOND = 1_000;
/** What an outbox is given at a time: it holds 4 MiB in memory. */
const PIECE = 5_000;
let count = 0;

await measured(async ({ userDir, endpoints }) => {
  const writers = [];
  for (let n = 0; n < WRITERS; n += 1) writers.push(await writer(n, userDir, endpoints));
  try {
    const burst = await backlog(writers);
    await until(() => waitingOf(writers) === 0);
    await until(() => waitingOf(writers) === 0);
    let sustained = 0;
    for (const rate of RATES) {
      if (await grows(writers, rate)) break;
      sustained = rate * WRITERS;
    }
    return { burst, sustained, backlog: WRITERS * BACKLOG, bytes: JSON.stringify(readings(1)[0]).length };
  } finally {
    await Promise.all(writers.map((each) => each.close()));
  }
});

function writer(n, userDir, endpoints) {
  return Cluster.open({
    config: { enabled: true, nodeId: `writer-${n}`, endpoints, role: 'learner' },
    outboxFolder: join(userDir, `outbox-${n}`),
    version: '0.0.0',
    log: () => undefined,
    onListenerError: (error) => {
      throw error;
    },
  });
}

function readings(howMany) {
  return Array.from({ length: howMany }, () => {
    count += 1;
    return {
      node: 'bench',
      plugin: 'air',
      sensorId: 'air',
      timestamp: Date.now(),
      values: { temperature: 20 + (count % 100) / 10, humidity: 40.5, pressure: 1013.25 },
      units: { temperature: '°C', humidity: '%', pressure: 'hPa' },
    };
  });
}

/** Readings a second, of all, over the first half of it. */
async function backlog(writers) {
  const startedAt = performance.now();
  let halfAt;
  for (let published = 0; published < BACKLOG; published += PIECE) {
    for (const each of writers) each.publish(readings(PIECE));
    await until(() => writers.every(({ counts }) => counts.waiting < PIECE / 2));
    if (published + PIECE >= BACKLOG / 2) halfAt ??= performance.now();
  }
  const written = Math.ceil(BACKLOG / 2 / PIECE) * PIECE * writers.length;
  return written / ((halfAt - startedAt) / MS_PER_SECOND);
}

async function grows(writers, rate) {
  const startedAt = performance.now();
  let published = 0;
  while (performance.now() - startedAt < STEP_MS) {
    const due = Math.floor(((performance.now() - startedAt) / MS_PER_SECOND) * rate) - published;
    for (const each of writers) each.publish(readings(due));
    published += due;
    await pause();
  }
  const grown = waitingOf(writers) > rate * WRITERS * MAY_WAIT_S;
  await until(() => waitingOf(writers) === 0);
  return grown;
}

async function until(isSo) {
  const endsAt = performance.now() + BACKLOG_LIMIT_MS;
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error(`what was written does not reach etcd in ${BACKLOG_LIMIT_MS} ms`);
    await pause();
  }
}

function waitingOf(writers) {
  return writers.reduce((sum, each) => sum + each.counts.waiting, 0);
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, ADD_EVERY_MS));
}
