/**
 * What kept a component from being loaded lies outside of it: the same file may load once there is room on the disk, or a
 * right, a thread, a file descriptor, memory. It is tried again.
 */
import { WasiError } from '../errors/wasi-error';
import { errnoOf } from '../platform/errno';

export type TemporaryCode = 'PLUGIN_STORAGE' | 'SYSTEM_SHORTAGE';

export class TemporaryFailure extends WasiError {
  declare readonly code: TemporaryCode;

  constructor(code: TemporaryCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** By the disk. */
export class DiskFailure extends TemporaryFailure {
  constructor(message: string, options?: ErrorOptions) {
    super('PLUGIN_STORAGE', message, options);
  }
}

/** The system has no more of something that everybody on it shares. `message` ends as a sentence before what to do. */
export class Shortage extends TemporaryFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(
      'SYSTEM_SHORTAGE',
      `${message}. It is tried again; stop what needs much on this machine, or raise its limits`,
      options,
    );
  }
}

/** Of a thread that the system does not start, Node.js tells no errno. */
const NO_THREAD = 'ERR_WORKER_INIT_FAILED';
const ERRNOS: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', NO_THREAD]);
/** What V8 says where the system gives it no memory for a WebAssembly memory or a buffer. */
const NO_MEMORY = /could not allocate memory|Array buffer allocation failed/;

/** Whether the system has no thread left for a worker. */
export function isThreadShortage(error: unknown): boolean {
  return errnoOf(error) === NO_THREAD;
}

/** Whether an error says that the system is short of threads, descriptors or memory, rather than that something is wrong. */
export function isShortage(error: unknown): boolean {
  return ERRNOS.has(errnoOf(error)) || (error instanceof RangeError && NO_MEMORY.test(error.message));
}
