/**
 * The devices as Node-RED's process serves them to one guest: each call is checked against the grants again, counted, and
 * remembered where it failed: a guest may hide a failed call behind an empty result or an error of its own, and the poll
 * shall fail all the same. A call that succeeds clears the failure of the same device: a guest that tried again got its
 * value after all.
 */
import { errorFacts } from '../errors/wasi-error';
import type { DeviceCaller, DeviceOutcome } from '../hardware/device-thread';
import type { DeviceMethod } from '../hardware/hardware';
import type { Grants } from '../host-config/host-config';
import type { DeviceCallCount } from './device-call-count';
import { type GuestDeviceMethod, permittedCall } from './device-permissions';
import type { DeviceFailure } from './guest-imports-data';

/** `forbidden`: no guest with these grants can make this call by the code of this package. */
export type ServedCall = DeviceOutcome | 'forbidden';

/** What a call without arguments brought before the guest asked for it. */
export interface ReadAhead {
  readonly method: string;
  readonly reply: DeviceOutcome;
}

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

/** As many different ones as there are. */
const MAX_EXPECTED = 16;
const NOTHING_READ: readonly ReadAhead[] = [];

export class ServedDevices {
  readonly #grants: Grants;
  readonly #devices: DeviceCaller;
  readonly #count: DeviceCallCount;
  /** By method and device. */
  readonly #failures = new Map<string, DeviceFailure>();
  /** What the guest read in its last call, by calls without arguments. */
  #expected: readonly GuestDeviceMethod[] = [];
  /** What was read beforehand for the call under way: it counts once the guest has asked for it. */
  #read: ReadonlyMap<string, DeviceOutcome> = new Map();
  /** Devices that the call under way has called itself: what was read of them beforehand is older. */
  readonly #called = new Set<string>();

  constructor(grants: Grants, devices: DeviceCaller, count: DeviceCallCount) {
    this.#grants = grants;
    this.#devices = devices;
    this.#count = count;
  }

  /** Never rejects. */
  async serve(method: string, args: readonly unknown[]): Promise<ServedCall> {
    const call = permittedCall(this.#grants, method, args);
    if (!call) return 'forbidden';
    let outcome: DeviceOutcome;
    try {
      outcome = { kind: 'result', value: await this.#devices.call(call.method, args) };
    } catch (failure) {
      outcome = { kind: 'failed', error: errorFacts(failure, 'HARDWARE_IO') };
    }
    this.#called.add(deviceKey(call.method, args));
    this.#record(call.method, args, outcome);
    return outcome;
  }

  /**
   * What the guest is expected to read in the call that begins, since it did so in the last one: three ways to the devices and
   * back become one. Never rejects.
   */
  async readAhead(): Promise<readonly ReadAhead[]> {
    const methods = this.#expected;
    if (methods.length === 0) return NOTHING_READ;
    const outcomes = await this.#devices.read(methods);
    const replies = methods.flatMap((method, at) => {
      const reply = outcomes[at];
      return reply ? [{ method, reply }] : [];
    });
    this.#read = new Map(replies.map(({ method, reply }) => [method, reply]));
    return replies;
  }

  /** What the guest read, by calls without arguments, in the call that ended. `forbidden`: no guest of ours says that. */
  asked(methods: readonly string[], used: readonly string[]): 'permitted' | 'forbidden' {
    const expected: GuestDeviceMethod[] = [];
    for (const method of methods) {
      const call = permittedCall(this.#grants, method, []);
      if (!call || expected.length === MAX_EXPECTED) return 'forbidden';
      expected.push(call.method);
    }
    for (const method of used) {
      const outcome = this.#read.get(method);
      const call = permittedCall(this.#grants, method, []);
      if (!outcome || !call) return 'forbidden';
      if (this.#called.has(deviceKey(call.method, []))) this.#count.addCall(call.method);
      else this.#record(call.method, [], outcome);
    }
    this.#expected = expected;
    this.#read = new Map();
    this.#called.clear();
    return 'permitted';
  }

  #record(method: GuestDeviceMethod, args: readonly unknown[], outcome: DeviceOutcome): void {
    const device = deviceKey(method, args);
    this.#count.addCall(method);
    if (outcome.kind === 'result') {
      this.#failures.delete(device);
      return;
    }
    const { error } = outcome;
    this.#count.addFailure(method, error.code);
    if (!this.#failures.has(device) && this.#failures.size < MAX_DEVICE_FAILURES)
      this.#failures.set(device, { ...error, reads: READING.has(method) });
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
