/** Everything that crosses between a guest's worker and its handle; both ends import these types, and nothing else crosses. */
import type { FileGuard } from './file-guard';
import type { CoreModule } from './loader-channel';
import type { OutputStreamName } from './wasi/output-lines';

export interface GuestBirth {
  /** For stack traces and thread names. */
  readonly name: string;
  readonly glue: ArrayBuffer;
  readonly modules: ReadonlyMap<string, CoreModule>;
  readonly memoryMb: number;
  /** Absolute path of a CommonJS module whose `hostImports` is a `HostImportsFactory`. */
  readonly importsModule: string;
  /** What that factory is given. */
  readonly importsData: unknown;
}

export type ToGuest = GuestCall | { readonly kind: 'birth'; readonly birth: GuestBirth };

export interface GuestCall {
  readonly kind: 'call';
  readonly call: number;
  /** An export of the component by its full name: `edge:plugin/dht22-logic@1.0.0`. */
  readonly instance: string;
  /** In camelCase, as jco names it. */
  readonly func: string;
  readonly args: readonly unknown[];
  /** Called only while these hold. */
  readonly guards: readonly FileGuard[];
}

/** Why a call or a start failed. Only after `error` does the instance live on. */
export type GuestFault =
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'trap'; readonly message: string }
  | { readonly kind: 'memory'; readonly message: string }
  | { readonly kind: 'exit'; readonly message: string }
  /** What was prepared is damaged: nothing of the component ran. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** It does what no plugin may. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'no-such-export'; readonly message: string };

/** What a guest did besides returning, in the form the imports' factory gives it; undefined for nothing, which costs nothing to send. */
export interface CallEffects {
  /** Only of a call that succeeded. */
  readonly onSuccess: unknown;
  /** Of every call that came to an end, also with a fault: what then still holds is for its reader to know. */
  readonly always: unknown;
}

/** `memoryBytes`: of its linear memories, now. */
export type FromGuest =
  | { readonly kind: 'ready'; readonly memoryBytes: number }
  | { readonly kind: 'stillborn'; readonly fault: GuestFault }
  | {
      readonly kind: 'returned';
      readonly call: number;
      readonly value: unknown;
      readonly effects: CallEffects;
      readonly memoryBytes: number;
    }
  /** A guard did not hold: the guest was not called. */
  | { readonly kind: 'changed'; readonly call: number }
  | { readonly kind: 'failed'; readonly call: number; readonly fault: GuestFault; readonly effects: CallEffects }
  | { readonly kind: 'output'; readonly stream: OutputStreamName; readonly line: string }
  | { readonly kind: 'warning'; readonly text: string };

/** The host's side of a guest's imports, made inside the guest's worker. */
export interface HostImports {
  /** By interface without version: `edge:plugin/i2c`. */
  readonly interfaces: Readonly<Record<string, object>>;
  /** Takes what the call that just ended left behind; called once after every call. */
  takeEffects(): CallEffects;
}

export type HostImportsFactory<Data = unknown> = (data: Data, warn: (text: string) => void) => HostImports;
