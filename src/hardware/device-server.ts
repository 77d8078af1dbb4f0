/**
 * The device thread's own side: serves one backend to its owner, who asks for the runtime and for any number of guests. A
 * slow device delays only those who asked for it; of one guest, a request that comes while an earlier one is still being
 * served is refused, since its guest has given the earlier one up and more would pile up.
 */
import type { MessagePort } from 'node:worker_threads';
import { errorFacts } from '../errors/wasi-error';
import type { DeviceAnswer, DeviceRequest, FromDeviceThread, ToDeviceThread } from './device-channel';
import type { DeviceArguments, DeviceMethod, DeviceResult, Hardware } from './hardware';

/** The backend's methods, tied to their arguments and results for any one of them. */
type DeviceCalls = { readonly [M in DeviceMethod]: (...args: DeviceArguments<M>) => Promise<DeviceResult<M>> };

export function serveDevices(hardware: Hardware, owner: MessagePort): void {
  const say = (message: FromDeviceThread) => owner.postMessage(message);
  const guests = new BusyGuests();
  const answerAll = (requests: readonly DeviceRequest[]) =>
    Promise.all(requests.map((request) => answerTo(hardware, request)));
  owner.on('message', async (message: ToDeviceThread) => {
    switch (message.kind) {
      case 'call':
        say({ kind: 'answers', answers: await guests.serve([message.request], answerAll) });
        break;
      case 'calls':
        say({ kind: 'answers', answers: await guests.serve(message.requests, answerAll) });
        break;
      case 'close':
        await hardware.close();
        say({ kind: 'closed' });
        break;
    }
  });
  say({ kind: 'opened' });
}

/** What each guest is being served. */
class BusyGuests {
  readonly #busyWith = new Map<number, DeviceMethod>();

  /** Requests of one guest, or of the runtime. */
  async serve(
    requests: readonly DeviceRequest[],
    answer: (requests: readonly DeviceRequest[]) => Promise<readonly DeviceAnswer[]>,
  ): Promise<readonly DeviceAnswer[]> {
    const [first] = requests;
    if (first?.guest === undefined) return answer(requests);
    const { guest, method } = first;
    const busyWith = this.#busyWith.get(guest);
    if (busyWith) {
      const message = `the devices still serve ${busyWith} of this plugin, which took too long; ask again later`;
      return requests.map(({ call }) => ({ kind: 'failed', call, error: { code: 'HARDWARE_IO', message } }));
    }
    this.#busyWith.set(guest, method);
    try {
      return await answer(requests);
    } finally {
      this.#busyWith.delete(guest);
    }
  }
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
