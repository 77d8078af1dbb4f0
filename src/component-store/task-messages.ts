/**
 * What the short-lived process that prepares or inspects one component is told, and its one answer. The component may have
 * taken that process over: its answer is parsed as hostile input.
 */
import { type ErrorCode, isErrorCode } from '../errors/wasi-error';
import { type FrameKind, kindsById, ProtocolViolation } from '../guest-process/frames';
import { type ComponentShape, isNameList } from '../wasm/inspect';
import { type Manifest, manifestOf } from '../wasm/manifest';
import type { TemporaryCode } from '../wasm/temporary-failure';
import type { Conditions } from './component-source';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
/** A shape or a manifest: names, at 32 and their length each. */
const MAX_ANSWER_COST = 2 * MIB;

export interface ComponentTask extends Conditions {
  /** `inspect`: to look at it and do nothing with it. `prepare`: its blobs are written to the working folder. */
  readonly kind: 'inspect' | 'prepare';
  readonly path: string;
  readonly deadlineMs: number;
}

export type TaskAnswer =
  | { readonly kind: 'prepared'; readonly manifest: Manifest }
  | { readonly kind: 'inspected'; readonly component: TaskInspected }
  /** Its admission threw an error; Node-RED's process asks the same admission for the message. */
  | { readonly kind: 'not-admitted'; readonly shape: ComponentShape }
  /** A TemporaryFailure. */
  | { readonly kind: 'hindered'; readonly code: TemporaryCode; readonly message: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

export interface TaskInspected extends ComponentShape {
  /** sha256. */
  readonly digest: string;
  readonly sizeBytes: number;
}

export const TO_TASK = { task: { id: 1, maxCost: MIB } } as const satisfies Record<string, FrameKind>;

export const FROM_TASK = {
  prepared: { id: 1, maxCost: MAX_ANSWER_COST },
  inspected: { id: 2, maxCost: MAX_ANSWER_COST },
  'not-admitted': { id: 3, maxCost: MAX_ANSWER_COST },
  hindered: { id: 4, maxCost: 16 * KIB },
  failed: { id: 5, maxCost: 16 * KIB },
} as const satisfies Record<TaskAnswer['kind'], FrameKind>;

export const TO_TASK_KINDS = kindsById(TO_TASK);
export const FROM_TASK_KINDS = kindsById(FROM_TASK);

/** Throws ProtocolViolation. */
export function parseTaskAnswer(kind: FrameKind, value: unknown): TaskAnswer {
  if (typeof value !== 'object' || value === null) throw new ProtocolViolation('an answer is no record');
  const fields: Readonly<Record<string, unknown>> = { ...value };
  switch (kind) {
    case FROM_TASK.prepared: {
      const manifest = manifestOf(fields['manifest']);
      if (!manifest) throw unexpected('manifest');
      return { kind: 'prepared', manifest };
    }
    case FROM_TASK.inspected: {
      const { digest, sizeBytes } = fields;
      if (typeof digest !== 'string' || typeof sizeBytes !== 'number') throw unexpected('digest');
      return { kind: 'inspected', component: { ...shapeIn(fields), digest, sizeBytes } };
    }
    case FROM_TASK['not-admitted']:
      return { kind: 'not-admitted', shape: shapeIn(fields) };
    case FROM_TASK.hindered:
      return { kind: 'hindered', code: temporaryCodeIn(fields), message: messageIn(fields) };
    case FROM_TASK.failed: {
      const { code } = fields;
      if (!isErrorCode(code)) throw unexpected('code');
      return { kind: 'failed', code, message: messageIn(fields) };
    }
    default:
      throw new ProtocolViolation(`a frame of kind ${kind.id} is no answer`);
  }
}

function shapeIn({ imports, exports }: Readonly<Record<string, unknown>>): ComponentShape {
  if (!isNameList(imports) || !isNameList(exports)) throw unexpected('shape');
  return { imports, exports };
}

function temporaryCodeIn({ code }: Readonly<Record<string, unknown>>): TemporaryCode {
  if (code === 'PLUGIN_STORAGE' || code === 'SYSTEM_SHORTAGE') return code;
  throw unexpected('code');
}

function messageIn({ message }: Readonly<Record<string, unknown>>): string {
  if (typeof message !== 'string') throw unexpected('message');
  return message;
}

function unexpected(name: string): ProtocolViolation {
  return new ProtocolViolation(`an answer's ${name} is not what it may be`);
}
