/** What is said of a guest that did not start, did not answer or died: code, name, what happened, what to do. */

import { FIXED, limitKey } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { DamagedBlob } from './damaged-blob';
import type { GuestFault } from './guest-fault';

/** JavaScript heap of a guest's thread: the glue and the values that cross. Linear memory is limited by the module. */
export const GUEST_HEAP_MB = 64;

/** A component that throws while it is instantiated does not fit this host, unless it ran and trapped. */
export function startError(name: string, fault: GuestFault): WasiError {
  return fault.kind === 'trap' && fault.message.includes('unexpectedly undefined')
    ? new WasiError(
        'PLUGIN_INVALID',
        `${name} wants a function that this version's interfaces do not have: ${fault.message}`,
      )
    : faultError(name, fault);
}

export function faultError(name: string, fault: GuestFault): WasiError {
  switch (fault.kind) {
    case 'memory':
      return new WasiError(
        'PLUGIN_MEMORY',
        `${name} used up its memory: ${fault.message}. Raise ${limitKey('memory_mb', name)} if it needs more`,
      );
    case 'values':
      return new WasiError('PLUGIN_MEMORY', `${name} was stopped: ${fault.message}`);
    case 'damaged':
      return new DamagedBlob(`${name}: ${fault.message}`);
    case 'refused':
    case 'no-such-export':
      return new WasiError('PLUGIN_INVALID', `${name}: ${fault.message}`);
    case 'error':
    case 'exit':
    case 'trap':
      return new WasiError('PLUGIN_TRAPPED', `${name} crashed and lost its state: ${fault.message}`);
  }
}

export function outOfHeap(name: string): WasiError {
  return new WasiError(
    'PLUGIN_MEMORY',
    `${name} passed more data than its thread may hold: ${GUEST_HEAP_MB} MiB ${FIXED}`,
  );
}

export function pastDeadline(name: string, deadlineMs: number): WasiError {
  return new WasiError(
    'PLUGIN_DEADLINE',
    `${name} did not answer within ${deadlineMs} ms and was stopped. Raise ${limitKey('deadline_ms', name)} if it needs longer`,
  );
}

export function pastLoadDeadline(name: string, deadlineMs: number): WasiError {
  return new WasiError(
    'PLUGIN_LOAD_TIMEOUT',
    `${name} did not start within ${deadlineMs} ms. Raise ${limitKey('load_deadline_ms', name)} if it needs longer`,
  );
}

/** Only plain data crosses between threads. */
export function unsendable(name: string, cause: unknown): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `what ${name} was to be given could not cross to its thread: ${String(cause)}`,
    {
      cause,
    },
  );
}
