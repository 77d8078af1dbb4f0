/**
 * The devices as one guest calls them, with a record of which of them failed: a guest may hide a failed call behind an
 * empty result or an error of its own, and the poll shall fail all the same. A call that succeeds clears the failure of
 * the same device: a guest that tried again got its value after all. Every call is counted, and every failure.
 */
import { errorFacts, WasiError } from '../errors';
import type { DeviceArguments, DeviceMethod, DeviceResult } from '../hardware/hardware';
import type { Devices } from './capability-context';
import { countDeviceCall, countDeviceFailure, type DeviceCallCount } from './device-call-count';
import type { DeviceFailure } from './guest-imports-data';

/** A guest that calls ever new devices fills no memory with their failures. */
export const MAX_DEVICE_FAILURES = 16;

/** Calls that bring a measurement. Without a fan, a buzzer or an output a plugin still reads all that it reads. */
const READING: ReadonlySet<DeviceMethod> = new Set([
  'readDht22',
  'readBme680',
  'i2cTransfer',
  'spiTransfer',
  'uartRead',
  'cpuTemperature',
  'processImageRead',
]);

export class WatchedDevices implements Devices {
  readonly #devices: Devices;
  /** By method and device. */
  readonly #failures = new Map<string, DeviceFailure>();

  constructor(
    devices: Devices,
    readonly count: DeviceCallCount,
  ) {
    this.#devices = devices;
  }

  call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): DeviceResult<M> {
    const device = deviceKey(method, args);
    countDeviceCall(this.count, method);
    try {
      const result = this.#devices.call(method, ...args);
      this.#failures.delete(device);
      return result;
    } catch (error) {
      if (error instanceof WasiError) countDeviceFailure(this.count, method, error.code);
      if (error instanceof WasiError && !this.#failures.has(device) && this.#failures.size < MAX_DEVICE_FAILURES)
        this.#failures.set(device, { ...errorFacts(error, 'HARDWARE_IO'), reads: READING.has(method) });
      throw error;
    }
  }

  /** The first failure of each device since the last time, oldest first. */
  takeFailures(): readonly DeviceFailure[] {
    const failures = [...this.#failures.values()];
    this.#failures.clear();
    return failures;
  }
}

/** What a call is made to: numbers that are no address (a length, a value) and bytes do not make another device. */
function deviceKey(method: DeviceMethod, args: readonly unknown[]): string {
  switch (method) {
    case 'i2cTransfer':
    case 'readBme680':
    case 'spiTransfer':
      return [method, args[0], args[1]].join(' ');
    case 'readDht22':
    case 'uartRead':
    case 'uartWrite':
    case 'uartSetBaud':
    case 'processImageRead':
    case 'processImageWrite':
      return [method, args[0]].join(' ');
    default:
      return method;
  }
}
