/**
 * The device thread's own side: serves one backend to its owner and to any number of guests. Every port is served by
 * itself, so a slow device delays only those who asked for it; of one guest, a request that comes while an earlier one
 * is still being served is refused, since its guest has given the earlier one up and more would pile up.
 */
import type { MessagePort } from 'node:worker_threads';
import { errorFacts } from '../errors';
import {
  type DeviceAnswer,
  type DeviceRequest,
  type FromDeviceThread,
  signalEvent,
  type ToDeviceThread,
} from './device-channel';
import type { DeviceArguments, DeviceMethod, DeviceResult, Hardware } from './hardware';

/** The backend's methods, tied to their arguments and results for any one of them. */
type DeviceCalls = { readonly [M in DeviceMethod]: (...args: DeviceArguments<M>) => Promise<DeviceResult<M>> };

export function serveDevices(hardware: Hardware, owner: MessagePort): void {
  const say = (message: FromDeviceThread) => owner.postMessage(message);
  owner.on('message', async (message: ToDeviceThread) => {
    switch (message.kind) {
      case 'connect':
        serveGuest(hardware, message.port, new Int32Array(message.signal));
        break;
      case 'call':
        say({ kind: 'answer', answer: await answerTo(hardware, message.request) });
        break;
      case 'close':
        await hardware.close();
        say({ kind: 'closed' });
        break;
    }
  });
  say({ kind: 'opened' });
}

function serveGuest(hardware: Hardware, port: MessagePort, signal: Int32Array): void {
  let busyWith: DeviceMethod | undefined;
  const say = (answer: DeviceAnswer) => {
    port.postMessage(answer);
    signalEvent(signal);
  };
  port.on('message', async (request: DeviceRequest) => {
    if (busyWith) {
      const message = `the devices still serve ${busyWith} of this plugin, which took too long; ask again later`;
      say({ kind: 'failed', call: request.call, error: { code: 'HARDWARE_IO', message } });
      return;
    }
    busyWith = request.method;
    const answer = await answerTo(hardware, request);
    busyWith = undefined;
    say(answer);
  });
}

async function answerTo<M extends DeviceMethod>(
  calls: DeviceCalls,
  { call, method, args }: DeviceRequest<M>,
): Promise<DeviceAnswer<M>> {
  try {
    return { kind: 'result', call, value: await calls[method](...args) };
  } catch (error) {
    return { kind: 'failed', call, error: errorFacts(error, 'HARDWARE_IO') };
  }
}
