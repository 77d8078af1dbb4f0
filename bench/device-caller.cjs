/** A guest's thread as far as the devices go: calls one method so often and says how long each call took, in ms. */
const { join } = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');

const { DeviceClient } = require(join(__dirname, '..', 'dist', 'src', 'hardware', 'device-client.js'));

const client = new DeviceClient(workerData.devices);

parentPort.on('message', ({ method, args, times }) => {
  const tookMs = [];
  let failed = 0;
  for (let turn = 0; turn < times; turn += 1) {
    const startedAt = performance.now();
    try {
      client.call(method, ...args);
    } catch {
      failed += 1;
    }
    tookMs.push(performance.now() - startedAt);
  }
  parentPort.postMessage({ tookMs, failed });
});
