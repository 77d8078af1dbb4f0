/**
 * Measured process: a gateway that serves ten clients, which read 1 000 registers a second altogether (each ten times a
 * second ten of them), from a process of their own. What it costs is the share of a core this process uses more than
 * without clients, over the same time and under the same polls; and what it does to others is a poll's round trip with
 * and without them. `full` is the same with as many requests as the gateway gives its clients.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, percentile } from './figures.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const PORT = 15_502;
const CLIENTS = 10;
const WINDOW_MS = 10_000;
const POLL_EVERY_MS = 20;
const US_PER_MS = 1_000;
const CONFIG = '[logging]\nshow_sensor_data = false\n[plugins.counter_v1]\n';
const GATEWAY = { id: 'gateway', type: 'modbus-gateway', transport: 'tcp', host: '127.0.0.1', port: PORT, unitId: 1 };

await measured(async ({ userDir, guestsDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({ configText: CONFIG, pluginDir: guestsDir }, [GATEWAY]));
  await whenReady(api, ['counter_v1', 'dht22', 'bme680', 'pi_monitor']);
  await api.pollAll();
  await window(api);
  const idle = await window(api);
  const served = await withClients({ everyMs: 100, registers: 10 }, () => window(api));
  const full = await withClients({ everyMs: 0, registers: 32 }, () => window(api));
  await nodeRed.close();
  return { idle, served, full };
});

/** Polls at a steady pace; what the process used meanwhile. */
async function window(api) {
  const probe = new StallProbe();
  const usedBefore = process.cpuUsage();
  const startedAt = performance.now();
  const times = [];
  while (performance.now() - startedAt < WINDOW_MS) {
    const askedAt = performance.now();
    await api.poll('counter_v1');
    times.push((performance.now() - askedAt) * US_PER_MS);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
  const { user, system } = process.cpuUsage(usedBefore);
  const percent = ((user + system) / US_PER_MS / (performance.now() - startedAt)) * 100;
  const stall = probe.take();
  probe.close();
  return { percent, poll: { p50: median(times), p99: percentile(times, 0.99) }, stall };
}

async function withClients(task, during) {
  const clients = fork(join(HERE, 'modbus-clients.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  clients.send({ port: PORT, clients: CLIENTS, ...task });
  await once(clients, 'message');
  const seen = await during();
  clients.send('end');
  const [{ requests, seconds }] = await once(clients, 'message');
  clients.disconnect();
  return { ...seen, requestsPerSecond: requests / seconds };
}
