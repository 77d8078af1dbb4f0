/**
 * Measured process: a Node-RED with the four plugins, polled ten times a second for half a minute, as a member of a cluster
 * (`endpoints`) or alone; what it holds when it has come to rest, without garbage. What of that is the cluster's is the
 * difference, which includes what it knows of the other nodes.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { measured } from './task.mjs';

const BYTES_PER_MB = 2 ** 20;
const POLLS = 200;
const POLL_EVERY_MS = 100;
/** Longer than the loader's thread lives without work. */
const REST_MS = 12_000;
/** For the system to take back what was collected. */
const COLLECTED_MS = 500;
const QUIET = '[logging]\nshow_sensor_data = false\n';

await measured(async ({ userDir, endpoints }) => {
  const table = `[cluster]\nenabled = true\nnode_id = "bench"\nendpoints = ${JSON.stringify(endpoints)}\n`;
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({ configText: endpoints.length > 0 ? QUIET + table : QUIET }));
  await whenReady(api);
  for (let poll = 0; poll < POLLS; poll += 1) {
    await api.poll('pi_monitor');
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
  const waiting = api.cluster.counts.waiting;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  await new Promise((resolve) => setTimeout(resolve, COLLECTED_MS));
  const { rss, heapUsed } = process.memoryUsage();
  const members = api.cluster.state?.members.length ?? 0;
  await nodeRed.close();
  return { rssMb: rss / BYTES_PER_MB, heapMb: heapUsed / BYTES_PER_MB, waiting, members };
});
