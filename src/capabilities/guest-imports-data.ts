/**
 * What the imports of one guest are made from: plain data that crosses to its worker once, when the guest starts.
 * Grants and settings cannot change during a guest's life: another host.toml means another guest.
 */
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

/** What a guest's calls leave behind for the host, whether the call succeeded or returned an error. */
export interface StateChanges {
  /** undefined: the key was deleted. */
  readonly state: ReadonlyMap<string, Uint8Array | undefined>;
}
