/** A message to an empty worker thread and back: the baseline of round trips, measured in the same process. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { timeRoundTrips } from './round-trips.mjs';

const ECHO = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => parentPort.postMessage(message));
`;
/** As large as the message of a poll. */
const MESSAGE = { kind: 'call', call: 1, instance: 'edge:plugin/sensor-logic@1.0.0', func: 'poll', args: [] };

export async function timeEcho() {
  const worker = new Worker(ECHO, { eval: true });
  const times = await timeRoundTrips(async () => {
    const answered = once(worker, 'message');
    worker.postMessage(MESSAGE);
    await answered;
  });
  await worker.terminate();
  return times;
}
