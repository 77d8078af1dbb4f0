/**
 * The one error class of this package. Its `code` is public: flows and tests branch on it, never on the text.
 * The message says what happened, to which plugin, and what to do next; `cause` keeps the original.
 */
export const ERROR_CODES = [
  'CONFIG_INVALID',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_INVALID',
  'CAPABILITY_DENIED',
  'PLUGIN_LOAD_TIMEOUT',
  'PLUGIN_DEADLINE',
  'PLUGIN_TRAPPED',
  'PLUGIN_MEMORY',
  'PLUGIN_ERROR',
  'PLUGIN_BACKOFF',
  'POLL_BUSY',
  'HARDWARE_MISSING',
  'HARDWARE_PERMISSION',
  'HARDWARE_IO',
  'CLUSTER_UNAVAILABLE',
  'MODBUS_FAILED',
  'RUNTIME_CLOSED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const KNOWN_CODES: ReadonlySet<unknown> = new Set(ERROR_CODES);

export function isErrorCode(code: unknown): code is ErrorCode {
  return KNOWN_CODES.has(code);
}

/** What is left of an error after it crossed a thread: structured clone drops classes and codes. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  readonly message: string;
}

export class WasiError extends Error {
  override readonly name = 'WasiError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static fromFacts(facts: ErrorFacts): WasiError {
    return new WasiError(facts.code, facts.message);
  }
}

/** What may cross a thread; anything that is not ours is given `fallback`, with its text kept. */
export function errorFacts(error: unknown, fallback: ErrorCode): ErrorFacts {
  if (error instanceof WasiError) return { code: error.code, message: error.message };
  return { code: fallback, message: error instanceof Error ? error.message : String(error) };
}

/** The codes of a device that is not there or may not be opened: the administrator's to mend, and no fault of a guest. */
export type AbsenceCode = 'HARDWARE_MISSING' | 'HARDWARE_PERMISSION';

export function isAbsence(code: unknown): code is AbsenceCode {
  return code === 'HARDWARE_MISSING' || code === 'HARDWARE_PERMISSION';
}
