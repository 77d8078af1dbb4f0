/**
 * What the imports of one guest are made from: plain values that cross to its process once, when the guest starts. Grants
 * and settings cannot change during a guest's life: another host.toml means another guest.
 */
import type { ErrorFacts } from '../errors/wasi-error';
import type { Grants } from '../host-config/host-config';

export interface GuestImportsData {
  readonly plugin: string;
  /** As host.toml writes it, if it does. */
  readonly table?: string;
  readonly grants: Grants;
  readonly leds: { readonly count: number; readonly granted: readonly number[] };
  /** Lists of pairs: keys of a user or a guest are no names of fields. */
  readonly settings: readonly (readonly [string, string])[];
  /** What the state store held when the guest started. */
  readonly state: readonly (readonly [string, Uint8Array])[];
}

/** What a guest's call leaves behind for the host, as its thread sends it; undefined: nothing. */
export interface SentTraces {
  readonly kept: readonly (readonly [string, Uint8Array | undefined])[];
  /** Calls that its grants refused and that were not reported during the call. */
  readonly refusedCalls: number;
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
