/** What an exception that left a guest means. Only an `error` result leaves its instance usable. */
import { WasiError } from '../errors';
import type { CoreInstances } from './core-instances';
import { DamagedBlob } from './damaged-blob';
import type { GuestFault } from './guest-channel';
import type { OutputLines } from './wasi/output-lines';
import { GuestExit } from './wasi/wasi-error';

const MAX_MESSAGE_LENGTH = 500;

export function faultOf(thrown: unknown, output: OutputLines, instances: CoreInstances): GuestFault {
  if (thrown instanceof DamagedBlob) return { kind: 'damaged', message: cut(thrown.message) };
  if (thrown instanceof WasiError) return { kind: 'refused', message: cut(thrown.message) };
  if (thrown instanceof GuestExit) return { kind: 'exit', message: cut(thrown.message) };
  // What leaves a guest without being an Error is the error side of a `result`, in whose place jco throws its bare value.
  if (!(thrown instanceof Error)) return { kind: 'error', message: cut(resultText(thrown)) };
  if (thrown.name === 'MissingExport')
    return { kind: 'no-such-export', message: `it does not export ${thrown.message}` };
  if (isErrorResult(thrown)) return { kind: 'error', message: cut(resultText(thrown.payload)) };
  output.flush();
  const lastWords = output.lastWords();
  const message = cut(lastWords === undefined ? thrown.message : `${lastWords} (${thrown.message})`);
  const outOfMemory = instances.nearlyFull() || output.mentioned('MemoryError');
  return { kind: outOfMemory ? 'memory' : 'trap', message };
}

/** jco's glue throws a ComponentError of its own for the error side of a `result`; its `payload` is the WIT value. */
function isErrorResult(error: Error): error is Error & { payload: unknown } {
  return error.constructor.name === 'ComponentError' && Object.hasOwn(error, 'payload');
}

function resultText(payload: unknown): string {
  if (payload === undefined) return 'it returned an error without a reason';
  return typeof payload === 'string'
    ? payload
    : JSON.stringify(payload, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

export function cut(text: string): string {
  return text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text;
}
