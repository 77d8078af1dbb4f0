/** Figures of bench/cluster.mjs as rows. */
import { median } from './figures.mjs';

const LATENCY_P50_TARGET_MS = 50;
const LATENCY_P99_TARGET_MS = 250;
const ETCD_TARGET_MB = 60;
const SHARE_TARGET_MB = 20;

export function clusterRows(runs) {
  const skipped = runs.find((run) => run.skipped !== undefined)?.skipped;
  const mid = (pick) => median(runs.map(pick));
  const row = (figure, unit, pick, target, noteOf = () => undefined) =>
    skipped === undefined ? { figure, unit, value: mid(pick), target, note: noteOf() } : { figure, unit, skipped };
  const most = () => `${mid((run) => run.latency.event.most).toFixed(0)} the longest of ${runs[0].latency.readings}`;
  const alone = () => `${mid((run) => run.share.without.rssMb).toFixed(0)} without a cluster`;
  const backlog = () => `a backlog of ${runs[0].writers.backlog}, each of ${runs[0].writers.bytes} bytes`;
  const mapped = () => `${mid((run) => run.etcdMb.loaded.fileMb).toFixed(0)} of it files that are mapped`;
  return [
    row(
      'cluster: poll to the events of another node, p50',
      'ms',
      (run) => run.latency.event.p50,
      LATENCY_P50_TARGET_MS,
    ),
    row('the same, p99', 'ms', (run) => run.latency.event.p99, LATENCY_P99_TARGET_MS, most),
    row('cluster: poll to the page of another node, p50', 'ms', (run) => run.latency.page.p50),
    row('the same, p99', 'ms', (run) => run.latency.page.p99),
    row(
      'cluster: memory of etcd, the largest of four',
      'MB',
      (run) => run.etcdMb.idle.totalMb,
      ETCD_TARGET_MB,
      () => 'after polls',
    ),
    row('the same after all that can be written', 'MB', (run) => run.etcdMb.loaded.totalMb, undefined, mapped),
    row(
      'cluster: its share in a Node-RED',
      'MB',
      (run) => run.share.with.rssMb - run.share.without.rssMb,
      SHARE_TARGET_MB,
      alone,
    ),
    row('the same, of its heap', 'MB', (run) => run.share.with.heapMb - run.share.without.heapMb),
    row('cluster: four nodes together, for ever', 'readings/s', (run) => run.writers.sustained),
    row('the same, in a burst', 'readings/s', (run) => run.writers.burst, undefined, backlog),
  ];
}
