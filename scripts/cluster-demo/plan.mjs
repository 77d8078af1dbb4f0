/**
 * The four nodes of the demonstration and where each listens, on this machine's loopback alone. The ports are fixed, so that
 * they can be told and remembered, or any that are free.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';
const ROLES = { revpi: 'leader-preferred', pi4: 'voter', 'zero-a': 'voter', 'zero-b': 'learner' };
/** Rooms that are told from one another at a glance; °C, and % of humidity. */
const WORLDS = {
  revpi: { room: 21, humidity: 40, processor: 52 },
  pi4: { room: 24, humidity: 48, processor: 61 },
  'zero-a': { room: 17, humidity: 63, processor: 44 },
  'zero-b': { room: 6, humidity: 82, processor: 38 },
};
const FIRST_EDITOR_PORT = 1880;
/** Beside etcd's own 2379 and 2380, which a service of Debian's package may hold. */
const FIRST_CLIENT_PORT = 23_790;
const FIRST_PEER_PORT = 23_800;
const MODBUS_PORT = 1502;

/** `[{node, role, world, editorPort, clientPort, peerPort, modbusPort?}]`, the hub first. */
export async function planOf({ freePorts }) {
  const nodes = Object.keys(ROLES);
  const free = freePorts ? await someFreePorts(nodes.length * 3 + 1) : [];
  const port = (fixed) => free.pop() ?? fixed;
  return nodes.map((node, index) => ({
    node,
    role: ROLES[node],
    world: WORLDS[node],
    editorPort: port(FIRST_EDITOR_PORT + index),
    clientPort: port(FIRST_CLIENT_PORT + index),
    peerPort: port(FIRST_PEER_PORT + index),
    ...(index === 0 ? { modbusPort: port(MODBUS_PORT) } : {}),
  }));
}

export function clientUrl({ clientPort }) {
  return `http://${HOST}:${clientPort}`;
}

export function peerUrl({ peerPort }) {
  return `http://${HOST}:${peerPort}`;
}

export function editorUrl({ editorPort }) {
  return `http://${HOST}:${editorPort}`;
}

/** Of those that are planned: `[{port, what}]`. */
export async function takenPorts(plan) {
  const wanted = plan.flatMap(({ node, editorPort, clientPort, peerPort, modbusPort }) => [
    { port: editorPort, what: `Node-RED of ${node}` },
    { port: clientPort, what: `etcd of ${node}` },
    { port: peerPort, what: `etcd of ${node}` },
    ...(modbusPort === undefined ? [] : [{ port: modbusPort, what: `Modbus of ${node}` }]),
  ]);
  const free = await Promise.all(wanted.map(({ port }) => isFree(port)));
  return wanted.filter((_, index) => !free[index]);
}

async function isFree(port) {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return false;
    throw error;
  } finally {
    server.close();
  }
}

/** All are held until the last one is known, so that none is given twice. */
async function someFreePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
