/**
 * Clients of a gateway under measurement, in a process of their own: each reads `registers` registers repeatedly, `everyMs`
 * after the answer before. The process sends `connected` and, when it is asked to end, the number of answered requests. It
 * fails when an answer is wrong.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const HEAD_LENGTH = 9;
const MS_PER_SECOND = 1_000;

const [{ port, clients, everyMs, registers }] = await once(process, 'message');
const sockets = await Promise.all(Array.from({ length: clients }, () => connected()));
let requests = 0;
const startedAt = performance.now();
for (const socket of sockets) poll(socket);
process.send('connected');
await once(process, 'message');
for (const socket of sockets) socket.destroy();
process.send({ requests, seconds: (performance.now() - startedAt) / MS_PER_SECOND });

async function connected() {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket.setNoDelay();
}

function poll(socket) {
  const request = Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, registers]);
  const expected = HEAD_LENGTH + 2 * registers;
  let received = 0;
  socket.on('data', (chunk) => {
    if (received === 0 && chunk[7] !== 3) throw new Error(`the gateway answered ${chunk.toString('hex')}`);
    received += chunk.length;
    if (received < expected) return;
    received = 0;
    requests += 1;
    if (everyMs === 0) socket.write(request);
    else setTimeout(() => socket.destroyed || socket.write(request), everyMs);
  });
  socket.write(request);
}
