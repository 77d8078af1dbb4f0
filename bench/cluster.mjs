/**
 * Measured process: the cluster of `npm run cluster:demo`, four etcd and four Node-RED, each a process of its own on this
 * machine. `latency` is the time from a reading of one node (its timestamp, whole ms) to the event that the dashboard of
 * another node sends, and to that node's page, which is rendered at most twice a second; the way is over etcd and its
 * disk. `etcdMb` is the memory of the largest etcd, after that and after the writers. `writers`: see cluster-writers.mjs.
 * `share`: a Node-RED with [cluster] and one without, polled alike; `alone`: a Node-RED without this package. Without an
 * etcd (build/etcd.json, which scripts/etcd.mjs writes) the figures are the reason.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DemoCluster } from '../scripts/cluster-demo/demo-cluster.mjs';
import { RUNTIME_ID } from '../scripts/cluster-demo/flow.mjs';
import { planOf } from '../scripts/cluster-demo/plan.mjs';
import { EventReader } from './event-reader.mjs';
import { spread } from './figures.mjs';
import { measured } from './task.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ETCD = join(dirname(HERE), 'build', 'etcd.json');
const POLLED = 'zero-a';
const POLLED_PLUGIN = 'pi_monitor';
const INJECT_ID = 'bench-inject';
const WATCHED = 'pi4';
const POLLS = 100;
const POLL_EVERY_MS = 100;
const LATE_MS = 5_000;
const KILOBYTES_PER_MB = 1_024;

await measured(async ({ userDir }) => {
  const found = JSON.parse(readFileSync(ETCD, 'utf8'));
  if (found.etcd === undefined) return { skipped: found.reason };
  const plan = await planOf({ freePorts: true });
  const cluster = new DemoCluster({ plan, folder: join(userDir, 'cluster'), etcd: found.etcd });
  try {
    await cluster.open(() => undefined);
    const nodes = new Map(cluster.describe().map((node) => [node.node, node]));
    const latency = await latencies(nodes.get(POLLED), nodes.get(WATCHED));
    const etcdMb = { idle: largestEtcd(cluster) };
    const endpoints = [...nodes.values()].map(({ etcd }) => etcd);
    // Memory does not depend on what else runs, so these three rest at the same time.
    const [withCluster, without, alone] = await Promise.all([
      ask('cluster-share', { userDir: join(userDir, 'with'), endpoints }),
      ask('cluster-share', { userDir: join(userDir, 'without'), endpoints: [] }),
      ask('node-red-alone', { userDir: join(userDir, 'alone') }),
    ]);
    const writers = await ask('cluster-writers', { userDir: join(userDir, 'writers'), endpoints });
    etcdMb.loaded = largestEtcd(cluster);
    return { latency, share: { with: withCluster, without }, alone, writers, etcdMb };
  } finally {
    await cluster.close();
  }
});

/** In ms, over polls of pi_monitor; the flow's own polls continue. */
async function latencies(polled, watched) {
  await addPoll(polled);
  const events = await EventReader.open(`${watched.dashboard}/events`);
  const pages = await EventReader.open(`${watched.dashboard}/events?page`);
  const byEvent = [];
  const byPage = [];
  let waiting = [];
  events.on('readings', (readings) => {
    const now = performance.timeOrigin + performance.now();
    for (const { node, plugin, timestamp } of readings) {
      if (node !== polled.node || plugin !== POLLED_PLUGIN) continue;
      byEvent.push(now - timestamp);
      waiting.push(timestamp);
    }
  });
  pages.on('page', () => {
    const now = performance.timeOrigin + performance.now();
    byPage.push(...waiting.map((timestamp) => now - timestamp));
    waiting = [];
  });
  const endsAt = performance.now() + POLLS * POLL_EVERY_MS + LATE_MS;
  while (byEvent.length < POLLS && performance.now() < endsAt) {
    await fetch(`${polled.editor}/inject/${INJECT_ID}`, { method: 'POST' });
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
  events.close();
  pages.close();
  if (byEvent.length < POLLS / 3) throw new Error(`only ${byEvent.length} readings of ${polled.node} arrived`);
  return { readings: byEvent.length, event: spread(byEvent), page: spread(byPage) };
}

/** Adds an inject node for one fast plugin, as an editor deploys it: the other nodes keep running. */
async function addPoll({ editor }) {
  const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2' };
  const { flows } = await (await fetch(`${editor}/flows`, { headers })).json();
  const onTab = { z: 'tab', x: 0, y: 0 };
  const added = [
    { ...onTab, id: INJECT_ID, type: 'inject', props: [], repeat: '', once: false, wires: [['bench-poll']] },
    {
      ...onTab,
      id: 'bench-poll',
      type: 'plugin-poll',
      runtime: RUNTIME_ID,
      plugin: POLLED_PLUGIN,
      every: '',
      wires: [],
    },
  ];
  const response = await fetch(`${editor}/flows`, {
    method: 'POST',
    headers: { ...headers, 'Node-RED-Deployment-Type': 'nodes' },
    body: JSON.stringify({ flows: [...flows, ...added] }),
  });
  if (!response.ok) throw new Error(`the flow was refused with ${response.status}: ${await response.text()}`);
}

/** `fileMb` is the part that the mapped database has, which the kernel takes back when it is short of memory. */
function largestEtcd(cluster) {
  const all = cluster.describe().map(({ pids }) => ({
    totalMb: residentMb(pids.etcd, 'VmRSS'),
    fileMb: residentMb(pids.etcd, 'RssFile'),
  }));
  return all.reduce((largest, each) => (each.totalMb > largest.totalMb ? each : largest));
}

function residentMb(pid, which) {
  const kilobytes = new RegExp(`^${which}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / KILOBYTES_PER_MB;
}

/** Starts another process of bench/ and resolves with its figures. */
async function ask(script, task) {
  const child = fork(join(HERE, `${script}.mjs`), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  child.send(task);
  const answer = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
  if (answer === undefined) throw new Error(`bench/${script}.mjs ended without figures`);
  await ended;
  return answer[0];
}
