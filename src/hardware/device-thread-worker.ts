/**
 * The device thread: makes the backend that was chosen and serves it. Its event loop is the devices' own, so nothing that
 * Node-RED or a guest does delays a sensor.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { errorFacts } from '../errors/wasi-error';
import { systemClock } from '../platform/clock';
import type { DeviceThreadBirth, FromDeviceThread } from './device-channel';
import { serveDevices } from './device-server';
import type { Hardware } from './hardware';
import { loadKernel } from './linux/kernel';
import { RaspberryPiHardware } from './linux/raspberry-pi-hardware';
import { type DeviceNotice, Notices } from './notices';
import { RevPiHardware } from './revpi/revpi-hardware';
import { SimulatedHardware } from './simulated/simulated-hardware';

const birth: DeviceThreadBirth = workerData;
if (!parentPort) throw new Error('device-thread-worker runs in a worker thread only');
void serve(birth, parentPort);

async function serve(born: DeviceThreadBirth, owner: MessagePort): Promise<void> {
  const tell = (message: FromDeviceThread) => owner.postMessage(message);
  try {
    serveDevices(await openBackend(born, (notice) => tell({ kind: 'notice', notice })), owner);
  } catch (error) {
    tell({ kind: 'not-opened', error: errorFacts(error, 'HARDWARE_IO') });
  }
}

async function openBackend(
  { choice, settings }: DeviceThreadBirth,
  say: (notice: DeviceNotice) => void,
): Promise<Hardware> {
  switch (choice.kind) {
    case 'simulated':
      return new SimulatedHardware(settings);
    case 'raspberry-pi': {
      const hardware = new RaspberryPiHardware(settings, {
        devDir: '/dev',
        sysDir: '/sys',
        moduleFolders: settings.moduleFolders,
        kernel: loadKernel,
        clock: systemClock,
        notices: new Notices(say),
      });
      await hardware.start();
      return hardware;
    }
    case 'revpi': {
      const hardware = new RevPiHardware(settings, {
        devDir: '/dev',
        sysDir: '/sys',
        configFile: '/etc/revpi/config.rsc',
        kernel: loadKernel,
        clock: systemClock,
        notices: new Notices(say),
      });
      await hardware.start();
      return hardware;
    }
  }
}
