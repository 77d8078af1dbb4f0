/** Everything that crosses to and from the device thread; both ends import these types, and nothing else crosses. */
import type { ErrorFacts } from '../errors/wasi-error';
import type { DeviceArguments, DeviceMethod, DeviceResult, HardwareChoice, HardwareSettings } from './hardware';
import type { DeviceNotice } from './notices';

export interface DeviceRequest<M extends DeviceMethod = DeviceMethod> {
  readonly call: number;
  readonly method: M;
  readonly args: DeviceArguments<M>;
  /** For whom it is: each guest is served one request at a time. The runtime's own have none. */
  readonly guest?: number;
}

export type DeviceAnswer<M extends DeviceMethod = DeviceMethod> =
  | { readonly kind: 'result'; readonly call: number; readonly value: DeviceResult<M> }
  | { readonly kind: 'failed'; readonly call: number; readonly error: ErrorFacts };

/** What the device thread is born with. */
export interface DeviceThreadBirth {
  readonly choice: HardwareChoice;
  readonly settings: HardwareSettings;
}

export type ToDeviceThread =
  | { readonly kind: 'call'; readonly request: DeviceRequest }
  /** Of one guest, at once: they are answered together. */
  | { readonly kind: 'calls'; readonly requests: readonly DeviceRequest[] }
  | { readonly kind: 'close' };

export type FromDeviceThread =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly error: ErrorFacts }
  | { readonly kind: 'answers'; readonly answers: readonly DeviceAnswer[] }
  /** Something for the log that no call asked for. */
  | { readonly kind: 'notice'; readonly notice: DeviceNotice }
  | { readonly kind: 'closed' };

/** Just below a guest's default deadline: a device that hangs costs an error, not the guest. A DHT22 needs up to 2.6 s. */
const CALL_LIMIT_MS = 4_500;

/** How long a caller waits; a read that waits for data itself is given that time on top. */
export function callLimitMs({ method, args }: DeviceRequest): number {
  const [, , third] = args;
  return CALL_LIMIT_MS + (method === 'uartRead' && typeof third === 'number' ? third : 0);
}

export function lateText(method: DeviceMethod, limitMs: number): string {
  return `${method} was not answered within ${limitMs} ms: the device hangs; check its wiring and supply`;
}

export const THREAD_ENDED_TEXT =
  'the thread that drives the devices ended and is being restarted; the next call finds the new one';
