/** What every capability of one guest is built from, inside that guest's thread. */
import type { DeviceArguments, DeviceMethod, DeviceResult } from '../hardware/hardware';
import type { GuestImportsData } from './guest-imports-data';
import type { RefusedCalls } from './refused-calls';

/** The devices, asked and answered while the guest waits. Throws WasiError with a HARDWARE_ code. */
export interface Devices {
  call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): DeviceResult<M>;
}

export interface CapabilityContext {
  readonly data: GuestImportsData;
  readonly devices: Devices;
  readonly refused: RefusedCalls;
  /** Says a thing once in this guest's life. */
  warnOnce(text: string): void;
}
