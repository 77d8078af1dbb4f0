/**
 * What the imports of one guest are made from: plain data that crosses to its worker once, when the guest starts.
 * Grants and settings cannot change during a guest's life: another host.toml means another guest.
 */
import type { ErrorFacts } from '../errors';
import type { DeviceConnection } from '../hardware/device-channel';
import type { Grants } from '../host-config/host-config';
import type { GuestCounts } from './guest-counts';

export interface GuestImportsData extends GuestCounts {
  readonly plugin: string;
  /** As host.toml writes it, if it does. */
  readonly table?: string;
  readonly grants: Grants;
  readonly leds: { readonly count: number; readonly granted: readonly number[] };
  readonly settings: Readonly<Record<string, string>>;
  /** What the state store held when the guest started. */
  readonly state: ReadonlyMap<string, Uint8Array>;
  readonly devices: DeviceConnection;
}

/** What a guest's call changed of what it keeps; undefined: the key was deleted. Holds only where the guest lives on. */
export type KeptChanges = ReadonlyMap<string, Uint8Array | undefined>;

/** A device that failed during a call of a guest. */
export interface DeviceFailure extends ErrorFacts {
  /** Whether a measurement is missing because of it. */
  readonly reads: boolean;
}

/** What a guest's call leaves behind for the host, whether it succeeded or not. */
export interface CallTraces {
  readonly kept: KeptChanges;
  /** Of each device that a call of it failed on and that did not work later in the same call, oldest first. */
  readonly deviceFailures: readonly DeviceFailure[];
}
