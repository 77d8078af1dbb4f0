/**
 * Every frame between a guest's thread and its handle in Node-RED's process, and the one place where what a guest's
 * process sends is parsed. Nothing else crosses on a guest's socket.
 */
import { type ErrorFacts, isErrorCode } from '../errors/wasi-error';
import type { GuestFault } from '../wasm/guest-fault';
import type { CallEffects } from '../wasm/guest-imports';
import type { OutputStreamName } from '../wasm/wasi/output-lines';
import { type FrameKind, kindsById, ProtocolViolation } from './frames';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** A page or a hundred readings cost some 30 KB; a call of this cost keeps Node-RED's loop for a few ms. */
export const MAX_RESULT_COST = 2 * MIB;

/** Node-RED → guest. */
export const TO_GUEST = {
  /** GuestCall. Its arguments are Node-RED's own: a dashboard gets all readings of a cluster as one text. */
  call: { id: 1, maxCost: 32 * MIB },
  /** DeviceReply. */
  deviceReply: { id: 2, maxCost: MIB },
  /** The thread shall end. */
  quit: { id: 3, maxCost: KIB },
} as const satisfies Record<string, FrameKind>;

/** Guest → Node-RED. */
export const FROM_GUEST = {
  ready: { id: 1, maxCost: 4 * KIB },
  startFailed: { id: 2, maxCost: 64 * KIB },
  returned: { id: 3, maxCost: MAX_RESULT_COST + MIB },
  failed: { id: 4, maxCost: MIB },
  deviceCall: { id: 5, maxCost: 256 * KIB },
  output: { id: 6, maxCost: 8 * KIB },
  warning: { id: 7, maxCost: 8 * KIB },
  refused: { id: 8, maxCost: KIB },
} as const satisfies Record<string, FrameKind>;

export const TO_GUEST_KINDS = kindsById(TO_GUEST);
export const FROM_GUEST_KINDS = kindsById(FROM_GUEST);

export interface GuestCall {
  readonly call: number;
  /** An export of the component by its full name: `edge:plugin/dht22-logic@1.0.0`. */
  readonly instance: string;
  /** In camelCase, as jco names it. */
  readonly func: string;
  readonly args: readonly unknown[];
  /** Answers to device calls without arguments that this call may make. */
  readonly devices: readonly PrefetchedReply[];
}

export interface PrefetchedReply {
  readonly method: string;
  readonly reply: DeviceReply;
}

/** What a device call brought. */
export type DeviceReply =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };

/** Device calls without arguments that a call has made. */
export interface DeviceReads {
  /** By method, each once. */
  readonly asked: readonly string[];
  /** Those of them that were answered by what came with the call. */
  readonly used: readonly string[];
}

/** `memoryBytes`: of its linear memories, now. */
export type FromGuest =
  | { readonly kind: 'ready'; readonly memoryBytes: number }
  | { readonly kind: 'startFailed'; readonly fault: GuestFault }
  | {
      readonly kind: 'returned';
      readonly call: number;
      readonly value: unknown;
      readonly effects: CallEffects;
      readonly memoryBytes: number;
      readonly reads: DeviceReads;
    }
  | {
      readonly kind: 'failed';
      readonly call: number;
      readonly fault: GuestFault;
      readonly effects: CallEffects;
      readonly reads: DeviceReads;
    }
  | { readonly kind: 'deviceCall'; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: 'output'; readonly stream: OutputStreamName; readonly line: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** So many more of its calls were refused by a grant. */
  | { readonly kind: 'refused'; readonly count: number };

/** Throws ProtocolViolation for what no guest's thread of ours sends. */
export function parseFromGuest(kind: FrameKind, value: unknown): FromGuest {
  const fields = recordOf(value);
  switch (kind) {
    case FROM_GUEST.ready:
      return { kind: 'ready', memoryBytes: count(fields, 'memoryBytes') };
    case FROM_GUEST.startFailed:
      return { kind: 'startFailed', fault: faultIn(fields) };
    case FROM_GUEST.returned:
      return {
        kind: 'returned',
        call: count(fields, 'call'),
        value: fields['value'],
        effects: { onSuccess: fields['onSuccess'], always: fields['always'] },
        memoryBytes: count(fields, 'memoryBytes'),
        reads: readsIn(fields),
      };
    case FROM_GUEST.failed:
      return {
        kind: 'failed',
        call: count(fields, 'call'),
        fault: faultIn(fields),
        effects: { onSuccess: undefined, always: fields['always'] },
        reads: readsIn(fields),
      };
    case FROM_GUEST.deviceCall:
      return { kind: 'deviceCall', method: text(fields, 'method'), args: list(fields, 'args') };
    case FROM_GUEST.output: {
      const stream = text(fields, 'stream');
      if (stream !== 'stdout' && stream !== 'stderr') throw unexpected('stream');
      return { kind: 'output', stream, line: text(fields, 'line') };
    }
    case FROM_GUEST.warning:
      return { kind: 'warning', text: text(fields, 'text') };
    case FROM_GUEST.refused:
      return { kind: 'refused', count: count(fields, 'count') };
    default:
      throw new ProtocolViolation(`a frame of kind ${kind.id} is not for Node-RED`);
  }
}

/** Of what Node-RED sends, which the guest's thread trusts. */
export function parseDeviceReply(value: unknown): DeviceReply {
  const fields = recordOf(value);
  if (fields['kind'] === 'result') return { kind: 'result', value: fields['value'] };
  const error = recordOf(fields['error']);
  const code = error['code'];
  if (!isErrorCode(code)) throw unexpected('code');
  return { kind: 'failed', error: { code, message: text(error, 'message') } };
}

/** Of what Node-RED sends, which the guest's thread trusts. */
export function parseGuestCall(value: unknown): GuestCall {
  const fields = recordOf(value);
  return {
    call: count(fields, 'call'),
    instance: text(fields, 'instance'),
    func: text(fields, 'func'),
    args: list(fields, 'args'),
    devices: list(fields, 'devices').map((each) => {
      const prefetched = recordOf(each);
      return { method: text(prefetched, 'method'), reply: parseDeviceReply(prefetched['reply']) };
    }),
  };
}

const FAULT_KINDS: ReadonlySet<unknown> = new Set<GuestFault['kind']>([
  'error',
  'trap',
  'memory',
  'values',
  'exit',
  'damaged',
  'refused',
  'no-such-export',
]);

function isFaultKind(kind: unknown): kind is GuestFault['kind'] {
  return FAULT_KINDS.has(kind);
}

function faultIn(fields: Readonly<Record<string, unknown>>): GuestFault {
  const fault = recordOf(fields['fault']);
  const kind = fault['kind'];
  if (!isFaultKind(kind)) throw unexpected('fault');
  return { kind, message: text(fault, 'message') };
}

/** None are not sent. */
function readsIn(fields: Readonly<Record<string, unknown>>): DeviceReads {
  return { asked: texts(fields['asked']), used: texts(fields['used']) };
}

function texts(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) throw unexpected('device reads');
  return value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new ProtocolViolation('a frame holds no record');
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function count(fields: Readonly<Record<string, unknown>>, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unexpected(name);
  return value;
}

function text(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw unexpected(name);
  return value;
}

function list(fields: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw unexpected(name);
  return value;
}

function unexpected(name: string): ProtocolViolation {
  return new ProtocolViolation(`a frame's ${name} is not what it may be`);
}
