/** The devices as a guest's thread has them: a call crosses to Node-RED's process, and the guest waits. */
import type { DeviceArguments, DeviceMethod, DeviceResult } from '../hardware/hardware';
import type { HostAccess } from '../wasm/guest-imports';
import type { Devices } from './capability-context';

export class GuestDevices implements Devices {
  readonly #access: HostAccess;

  constructor(access: HostAccess) {
    this.#access = access;
  }

  call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): DeviceResult<M> {
    // Node-RED's process sends what its own device thread returned for this method.
    return this.#access.callDevice(method, args) as DeviceResult<M>;
  }
}
