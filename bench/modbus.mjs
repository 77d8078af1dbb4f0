/**
 * Measured process: a gateway that serves ten clients in another process, which read 1 000 registers a second altogether
 * (ten registers ten times a second each). Its cost is the share of a core that this process uses more than without
 * clients, over the same time and with the same polls; its effect on other work is a poll's round trip with and without
 * clients. `full` is the same with clients that send the next request as soon as they have an answer.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timeEcho } from './echo.mjs';
import { spread } from './figures.mjs';
import { idleStall } from './idle-loop.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const CLIENTS = 10;
const WARM_UP_MS = 1_000;
const WINDOW_MS = 3_000;
const POLL_EVERY_MS = 20;
const US_PER_MS = 1_000;
const CONFIG = '[logging]\nshow_sensor_data = false\n[plugins.counter]\n';
const GATEWAY = { id: 'gateway', type: 'modbus-gateway', transport: 'tcp', host: '127.0.0.1', unitId: 1 };

await measured(async ({ userDir, guestsDir }) => {
  const port = await freePort();
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({ configText: CONFIG, pluginDir: guestsDir }, [{ ...GATEWAY, port }]));
  await whenReady(api, ['counter', 'dht22', 'bme680', 'pi_monitor']);
  await api.pollAll();
  await pollFor(api, WARM_UP_MS);
  const echo = await timeEcho();
  const idle = await pollFor(api, WINDOW_MS);
  const served = await withClients({ port, everyMs: 100, registers: 10 }, () => pollFor(api, WINDOW_MS));
  const full = await withClients({ port, everyMs: 0, registers: 32 }, () => pollFor(api, WINDOW_MS));
  const probe = new StallProbe();
  const idleLoop = await idleStall(probe);
  probe.close();
  await nodeRed.close();
  return { echo, idle, served, full, idleLoop };
});

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

/** Polls at a steady pace, and what the process used meanwhile. */
async function pollFor(api, windowMs) {
  const probe = new StallProbe();
  const usedBefore = process.cpuUsage();
  const startedAt = performance.now();
  const times = [];
  while (performance.now() - startedAt < windowMs) {
    const askedAt = performance.now();
    await api.poll('counter');
    times.push((performance.now() - askedAt) * US_PER_MS);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
  const { user, system } = process.cpuUsage(usedBefore);
  const percent = ((user + system) / US_PER_MS / (performance.now() - startedAt)) * 100;
  const stall = probe.take();
  probe.close();
  return { percent, poll: spread(times), stall };
}

async function withClients({ port, everyMs, registers }, during) {
  const clients = fork(join(HERE, 'modbus-clients.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  clients.send({ port, clients: CLIENTS, everyMs, registers });
  await once(clients, 'message');
  const seen = await during();
  clients.send('end');
  const [{ requests, seconds }] = await once(clients, 'message');
  clients.disconnect();
  return { ...seen, requestsPerSecond: requests / seconds };
}
