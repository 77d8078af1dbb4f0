/**
 * The devices as one guest asks for them, with a memory of what was not there: a guest may hide it behind an empty result
 * or an error of its own, and its node shall still say that hardware is missing.
 */
import { type ErrorFacts, errorFacts, isAbsence, WasiError } from '../errors';
import type { DeviceArguments, DeviceMethod, DeviceResult } from '../hardware/hardware';
import type { Devices } from './capability-context';

export class WatchedDevices implements Devices {
  readonly #devices: Devices;
  #absent: ErrorFacts | undefined;

  constructor(devices: Devices) {
    this.#devices = devices;
  }

  call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): DeviceResult<M> {
    try {
      return this.#devices.call(method, ...args);
    } catch (error) {
      if (error instanceof WasiError && isAbsence(error.code)) this.#absent ??= errorFacts(error, 'HARDWARE_IO');
      throw error;
    }
  }

  /** What was first missing, or might not be opened, since the last time. */
  takeAbsent(): ErrorFacts | undefined {
    const absent = this.#absent;
    this.#absent = undefined;
    return absent;
  }
}
