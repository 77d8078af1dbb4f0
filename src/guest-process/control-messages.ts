/**
 * Frames on the control socket between Node-RED's process and the main thread of a guest process. That thread runs no
 * guest's code, but a guest that breaks out of its thread could speak in its name: what it sends is parsed as carefully.
 */
import { type ErrorCode, isErrorCode } from '../errors/wasi-error';
import { type FrameKind, kindsById, ProtocolViolation } from './frames';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** Bytes that no frame holds by chance: they end what a thread that was stopped left on its socket. */
export const DRAIN_MARKER_BYTES = 32;

export const TO_PROCESS = {
  /** StartThread. */
  start: { id: 1, maxCost: 8 * MIB },
  /** EndThread: the thread of a channel is stopped, whatever it does. */
  end: { id: 2, maxCost: KIB },
  /** DrainChannel: after the end of its thread, both directions of a channel's socket are emptied up to a marker. */
  drain: { id: 3, maxCost: KIB },
  ping: { id: 4, maxCost: KIB },
} as const satisfies Record<string, FrameKind>;

export const FROM_PROCESS = {
  /** It is there and takes orders. */
  opened: { id: 1, maxCost: KIB },
  /** The thread of a channel ended. */
  exited: { id: 2, maxCost: 4 * KIB },
  pong: { id: 3, maxCost: KIB },
} as const satisfies Record<string, FrameKind>;

export const TO_PROCESS_KINDS = kindsById(TO_PROCESS);
export const FROM_PROCESS_KINDS = kindsById(FROM_PROCESS);

/** A core module of a prepared component. */
export interface ModuleFile {
  /** The name that the glue asks for. */
  readonly file: string;
  readonly path: string;
  /** sha256. */
  readonly digest: string;
  /** MiB that its memory is limited to; undefined: it defines none. */
  readonly memoryMb: number | undefined;
  /** What is read into its memory once it is instantiated. */
  readonly data: { readonly path: string; readonly digest: string; readonly memory: string } | undefined;
}

/** What a guest's thread starts with; plain values, as they cross to another process. */
export interface ThreadStart {
  /** For stack traces and the thread's name. */
  readonly name: string;
  readonly glue: { readonly path: string; readonly digest: string };
  readonly modules: readonly ModuleFile[];
  /** Linear memory, MiB. */
  readonly memoryMb: number;
  /** JavaScript heap of the thread, MiB. */
  readonly heapMb: number;
  /** Absolute path of a CommonJS module whose `hostImports` makes the imports. */
  readonly importsModule: string;
  /** What that function is given. */
  readonly importsData: unknown;
}

/** Why a thread ended by itself. */
export type ThreadEnd =
  | { readonly kind: 'stopped' }
  /** Its JavaScript heap is full. */
  | { readonly kind: 'heap' }
  /** A core module could not be had: nothing of the component ran. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** It asks for more than it may have. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  /** This Node.js does not accept its code. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The system has no thread or memory for it. */
  | { readonly kind: 'shortage'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

const END_KINDS: ReadonlySet<unknown> = new Set<ThreadEnd['kind']>([
  'stopped',
  'heap',
  'damaged',
  'refused',
  'invalid',
  'shortage',
  'failed',
]);

export type FromProcess =
  | { readonly kind: 'opened' }
  | { readonly kind: 'exited'; readonly channel: number; readonly end: ThreadEnd }
  | { readonly kind: 'pong' };

/** Throws ProtocolViolation. */
export function parseFromProcess(kind: FrameKind, value: unknown): FromProcess {
  switch (kind) {
    case FROM_PROCESS.opened:
      return { kind: 'opened' };
    case FROM_PROCESS.pong:
      return { kind: 'pong' };
    case FROM_PROCESS.exited:
      return exitedIn(value);
    default:
      throw new ProtocolViolation(`a frame of kind ${kind.id} is not for Node-RED`);
  }
}

function exitedIn(value: unknown): FromProcess {
  if (typeof value === 'object' && value !== null && 'channel' in value && 'end' in value && 'message' in value) {
    const { channel, end, message } = value;
    if (typeof channel === 'number' && typeof message === 'string' && isEndKind(end))
      return { kind: 'exited', channel, end: endOf(end, message, 'code' in value ? value.code : undefined) };
  }
  throw new ProtocolViolation('a message of the end of a thread is not what it may be');
}

function endOf(kind: ThreadEnd['kind'], message: string, code: unknown): ThreadEnd {
  switch (kind) {
    case 'stopped':
    case 'heap':
      return { kind };
    case 'refused':
      if (!isErrorCode(code)) throw new ProtocolViolation('the end of a thread has an unknown code');
      return { kind, code, message };
    default:
      return { kind, message };
  }
}

function isEndKind(kind: unknown): kind is ThreadEnd['kind'] {
  return END_KINDS.has(kind);
}
