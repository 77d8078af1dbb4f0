/**
 * The device thread: makes the backend that was chosen and serves it. Its event loop is the devices' own, so nothing that
 * Node-RED or a guest does delays a sensor.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { errorFacts, WasiError } from '../errors';
import type { DeviceThreadBirth, FromDeviceThread } from './device-channel';
import { serveDevices } from './device-server';
import type { Hardware } from './hardware';
import { SimulatedHardware } from './simulated/simulated-hardware';

const birth: DeviceThreadBirth = workerData;
if (!parentPort) throw new Error('device-thread-worker runs in a worker thread only');

function openBackend({ choice, settings }: DeviceThreadBirth): Hardware {
  switch (choice.kind) {
    case 'simulated':
      return new SimulatedHardware(settings);
    case 'raspberry-pi':
    case 'revpi':
      throw new WasiError(
        'HARDWARE_MISSING',
        `this version has no backend for ${choice.kind}: set hardware to "simulated"`,
      );
  }
}

try {
  serveDevices(openBackend(birth), parentPort);
} catch (error) {
  const message: FromDeviceThread = { kind: 'not-opened', error: errorFacts(error, 'HARDWARE_IO') };
  parentPort.postMessage(message);
}
