/**
 * Everything that crosses to and from the device thread; all ends import these types, and nothing else crosses.
 *
 * A guest is given a `DeviceConnection` for life. Through its `port` it receives the port that leads to the device thread
 * of the day: a thread that died is replaced, and a port cannot outlive the thread that held its other end. On that
 * second port there is at most one request at a time, and an answer carries its request's number. Two counters in
 * `signal` let the guest sleep: EVENTS changes whenever there is something to look for, GENERATION when the device thread
 * is gone.
 */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorFacts } from '../errors';
import type { DeviceArguments, DeviceMethod, DeviceResult, HardwareChoice, HardwareSettings } from './hardware';
import type { DeviceNotice } from './notices';

/** Plain data but for `port`, which must be in the transfer list of whatever carries it. */
export interface DeviceConnection {
  readonly port: MessagePort;
  readonly signal: SharedArrayBuffer;
}

/** Places in `signal`, an Int32Array. */
export const EVENTS = 0;
export const GENERATION = 1;
export const SIGNAL_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT;

/** Wakes whoever waits for an event. Count first what changed. */
export function signalEvent(signal: Int32Array): void {
  Atomics.add(signal, EVENTS, 1);
  Atomics.notify(signal, EVENTS);
}

/** Main thread → guest, on `DeviceConnection.port`: the way to the device thread that lives now. */
export interface DevicePort {
  readonly port: MessagePort;
  /** The port leads somewhere as long as `signal` still says this GENERATION. */
  readonly generation: number;
}

export interface DeviceRequest<M extends DeviceMethod = DeviceMethod> {
  readonly call: number;
  readonly method: M;
  readonly args: DeviceArguments<M>;
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
  | { readonly kind: 'connect'; readonly port: MessagePort; readonly signal: SharedArrayBuffer }
  | { readonly kind: 'call'; readonly request: DeviceRequest }
  | { readonly kind: 'close' };

export type FromDeviceThread =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly error: ErrorFacts }
  | { readonly kind: 'answer'; readonly answer: DeviceAnswer }
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
