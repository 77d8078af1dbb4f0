/** What is reported of a guest whose thread or process ended without being told to. */
import { type ErrorCode, WasiError } from '../errors/wasi-error';
import { DamagedBlob } from '../wasm/damaged-blob';
import { outOfHeap } from '../wasm/guest-errors';
import { Shortage } from '../wasm/temporary-failure';
import type { GuestEnd } from './guest-channel';
import type { ProcessEnd } from './hardened-process';

const PROCESS_END_CODE: Readonly<Record<ProcessEnd['why'], ErrorCode>> = {
  memory: 'PLUGIN_MEMORY',
  unresponsive: 'PLUGIN_DEADLINE',
  // Its plugins are started again at once, as after any other end.
  shortage: 'PLUGIN_TRAPPED',
  ended: 'PLUGIN_TRAPPED',
};

export function endError(name: string, end: GuestEnd): WasiError {
  switch (end.kind) {
    case 'stopped':
      return new WasiError('PLUGIN_TRAPPED', `${name}: its thread ended`);
    case 'heap':
      return outOfHeap(name);
    case 'damaged':
      return new DamagedBlob(`${name}: ${end.message}`);
    case 'refused':
      return new WasiError(end.code, `${name}: ${end.message}`);
    case 'invalid':
      return new WasiError('PLUGIN_INVALID', `${name}: this Node.js does not accept its code: ${end.message}`);
    case 'shortage':
      return new Shortage(`${name}: the system has no thread or memory for it (${end.message})`);
    case 'failed':
      return new WasiError('PLUGIN_TRAPPED', `${name}: its thread failed: ${end.message}`);
    case 'violation':
      return new WasiError(
        'PLUGIN_TRAPPED',
        `${name} was stopped: its process sent what no plugin can (${end.message}). Do not use this plugin`,
      );
    case 'process':
      return new WasiError(
        PROCESS_END_CODE[end.end.why],
        `${name} lost its state: the process that runs the plugins ended, ${end.end.text}. It is started again`,
      );
  }
}
