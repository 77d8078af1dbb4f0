/**
 * What the imports of one guest are made from: plain data that crosses to its worker once, when the guest starts.
 * Grants and settings cannot change during a guest's life: another host.toml means another guest.
 */
import type { ErrorFacts } from '../errors';
import type { DeviceConnection } from '../hardware/device-channel';
import type { Grants } from '../host-config/host-config';

export interface GuestImportsData {
  readonly plugin: string;
  readonly grants: Grants;
  readonly leds: { readonly count: number; readonly granted: readonly number[] };
  readonly settings: Readonly<Record<string, string>>;
  /** What the state store held when the guest started. */
  readonly state: ReadonlyMap<string, Uint8Array>;
  readonly devices: DeviceConnection;
}

/** What a guest's call leaves behind for the host, whether it succeeded or not. */
export interface CallTraces {
  /** undefined: the key was deleted. Holds only where the guest lives on. */
  readonly state: ReadonlyMap<string, Uint8Array | undefined>;
  /** How many calls its grants refused. */
  readonly refusedCalls: number;
  /** The first device it asked for that was missing or might not be opened. */
  readonly absent: ErrorFacts | undefined;
}
