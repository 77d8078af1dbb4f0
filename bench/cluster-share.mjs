/**
 * Measured process: a Node-RED with the four plugins, polled ten times a second for two seconds, as a member of a cluster
 * (`endpoints`) or alone; its memory at rest. The difference is the cluster's share, which
 * includes what this node knows of the other nodes.
 */
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { memoryAtRest } from './process-memory.mjs';
import { measured } from './task.mjs';

const POLLS = 20;
const POLL_EVERY_MS = 100;
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
  const memory = await memoryAtRest({ afterLoad: true });
  const members = api.cluster.state?.members.length ?? 0;
  await nodeRed.close();
  return { ...memory, waiting, members };
});
