/** What an exception that left a guest means. Only an `error` result leaves its instance usable. */
import { WasiError } from '../errors/wasi-error';
import type { CoreInstances } from './core-instances';
import { DamagedBlob } from './damaged-blob';
import { errorText } from './error-text';
import { crashOf } from './guest-crash';
import type { HostRefusals } from './host-refusals';
import { LiftBudgetExceeded } from './lift-budget';
import { shownText } from './shown-text';
import { framesOf } from './trap-frames';
import type { OutputLines } from './wasi/output-lines';
import { GuestExit } from './wasi/wasi-error';

/** Why a call or a start failed. Only after `error` does the instance live on. */
export type GuestFault =
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'trap'; readonly message: string }
  | { readonly kind: 'memory'; readonly message: string }
  /** It passed more than one call may (lift-budget.ts). */
  | { readonly kind: 'values'; readonly message: string }
  | { readonly kind: 'exit'; readonly message: string }
  /** What was prepared is damaged: nothing of the component ran. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** It does what no plugin may. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'no-such-export'; readonly message: string };

/** Of what a guest says, or is said of it. */
const MAX_MESSAGE_LENGTH = 500;

/** What was seen of the call that failed. */
export interface CallTraces {
  readonly output: OutputLines;
  readonly instances: CoreInstances;
  readonly refusals: HostRefusals;
  /** The export that was called, or what stands for it. */
  readonly func: string;
}

export function faultOf(thrown: unknown, traces: CallTraces): GuestFault {
  if (thrown instanceof DamagedBlob) return { kind: 'damaged', message: cut(thrown.message) };
  if (thrown instanceof WasiError) return { kind: 'refused', message: cut(thrown.message) };
  if (thrown instanceof LiftBudgetExceeded) return { kind: 'values', message: cut(thrown.message) };
  // What leaves a guest without being an Error is the error side of a `result`, in whose place jco throws its bare value.
  if (!(thrown instanceof Error)) return { kind: 'error', message: resultText(thrown) };
  if (thrown.name === 'MissingExport')
    return { kind: 'no-such-export', message: `it does not export ${thrown.message}` };
  if (isErrorResult(thrown)) return { kind: 'error', message: resultText(thrown.payload) };
  const { output, instances, refusals, func } = traces;
  output.flush();
  const { text, outOfMemory } = crashOf({
    lines: output.recent(),
    trap: cut(thrown.message),
    frames: framesOf(thrown),
    func,
    refusal: refusals.newest,
  });
  if (outOfMemory) return { kind: 'memory', message: text };
  if (thrown instanceof GuestExit) return { kind: 'exit', message: text };
  return { kind: instances.nearlyFull() ? 'memory' : 'trap', message: text };
}

/** jco's glue throws a ComponentError of its own for the error side of a `result`; its `payload` is the WIT value. */
function isErrorResult(error: Error): error is Error & { payload: unknown } {
  return error.constructor.name === 'ComponentError' && Object.hasOwn(error, 'payload');
}

function resultText(payload: unknown): string {
  const text = cut(errorText(payload) ?? '');
  if (text !== '') return text;
  return payload === undefined
    ? 'it returned an error without a reason'
    : 'it returned an error with an empty text. Put a sentence into it that says what failed';
}

export function cut(text: string): string {
  return shownText(text, MAX_MESSAGE_LENGTH);
}
