/** Group "cluster": four etcd and four Node-RED on this machine. */
import { join } from 'node:path';
import { median } from '../figures.mjs';
import { repeat } from '../processes.mjs';
import { quantityText } from '../quantity.mjs';
import { row, timeRow } from '../row.mjs';

const LATENCY_P50_TARGET_MS = 50;
const LATENCY_P99_TARGET_MS = 250;
const ETCD_TARGET_MB = 60;
const SHARE_TARGET_MB = 20;
const MS_PER_SECOND = 1_000;

export async function measure({ folder }) {
  return { cluster: await repeat(1, 'cluster', () => ({ userDir: join(folder, 'cluster') })) };
}

export function rows({ cluster: runs }) {
  return [...latencyRows(runs), ...memoryRows(runs), ...writerRows(runs)];
}

function latencyRows(runs) {
  const { latency } = runs[0];
  return [
    timeRow({
      id: 'cluster.event.p50',
      figure: 'cluster: from a poll on one node to the event on another node, median',
      target: LATENCY_P50_TARGET_MS,
      runs,
      pick: (run) => run.latency.event.p50,
    }),
    timeRow({
      id: 'cluster.event.p99',
      figure: 'cluster: from a poll on one node to the event on another node, 99 %',
      target: LATENCY_P99_TARGET_MS,
      runs,
      pick: (run) => run.latency.event.p99,
      note: () => `the longest of ${latency.readings} took ${quantityText(latency.event.most, 'ms')}`,
    }),
    timeRow({
      id: 'cluster.page.p50',
      figure: 'cluster: from a poll on one node to the page of another node, median',
      runs,
      pick: (run) => run.latency.page.p50,
    }),
    timeRow({
      id: 'cluster.page.p99',
      figure: 'cluster: from a poll on one node to the page of another node, 99 %',
      runs,
      pick: (run) => run.latency.page.p99,
    }),
  ];
}

function memoryRows(runs) {
  const memory = (options) => {
    const baseline = { name: 'Node-RED alone', of: (run) => run.alone.totalMb };
    return row({ unit: 'MB', runs, baseline, ...options });
  };
  const mappedMb = () => median(runs.map((run) => run.etcdMb.loaded.fileMb));
  return [
    memory({
      id: 'cluster.etcd',
      figure: 'cluster: memory of the largest etcd after polls',
      target: ETCD_TARGET_MB,
      pick: (run) => run.etcdMb.idle.totalMb,
    }),
    memory({
      id: 'cluster.etcdLoaded',
      figure: 'cluster: memory of the largest etcd after a backlog of readings',
      pick: (run) => run.etcdMb.loaded.totalMb,
      note: () => `${quantityText(mappedMb(), 'MB')} of it mapped files`,
    }),
    memory({
      id: 'cluster.share',
      figure: 'cluster: memory that it adds to Node-RED',
      target: SHARE_TARGET_MB,
      pick: (run) => run.share.with.totalMb - run.share.without.totalMb,
    }),
    memory({
      id: 'cluster.heapShare',
      figure: 'cluster: JavaScript heap that it adds to Node-RED',
      pick: (run) => run.share.with.heapMb - run.share.without.heapMb,
      baseline: { name: 'heap of Node-RED alone', of: (run) => run.alone.heapMb },
    }),
  ];
}

/** A rate is compared with a rate: how many of the yardstick's hashes the machine computes in a second. */
function writerRows(runs) {
  const rate = (options) => {
    const baseline = { name: 'hash rate', of: (run) => MS_PER_SECOND / run.yardstickMs };
    return row({ unit: 'readings/s', runs, baseline, ...options });
  };
  return [
    rate({
      id: 'cluster.sustained',
      figure: 'cluster: readings that four nodes together write for any length of time',
      pick: (run) => run.writers.sustained,
    }),
    rate({
      id: 'cluster.burst',
      figure: 'cluster: readings that four nodes together write in a burst',
      pick: (run) => run.writers.burst,
      note: () => `each of ${runs[0].writers.bytes} bytes`,
    }),
  ];
}
