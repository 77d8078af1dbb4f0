/**
 * The one error class of this package. Its `code` is public: flows and tests branch on it, never on the text.
 * The message says what happened, to which plugin, and what to do next; `cause` keeps the original.
 */
export const ERROR_CODES = [
  'CONFIG_INVALID',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_STORAGE',
  'PLUGIN_INVALID',
  'CAPABILITY_DENIED',
  'PLUGIN_LOAD_TIMEOUT',
  'PLUGIN_DEADLINE',
  'PLUGIN_TRAPPED',
  'PLUGIN_MEMORY',
  'PLUGIN_ERROR',
  'PLUGIN_BACKOFF',
  'SYSTEM_SHORTAGE',
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
  /** The last lines of the message, where they are lines of host.toml to be pasted. */
  readonly hostToml?: string | undefined;
}

export interface WasiErrorOptions extends ErrorOptions {
  /** Lines of host.toml that help, to be pasted: they become the message's last lines. */
  readonly hostToml?: string | undefined;
}

export class WasiError extends Error {
  override readonly name = 'WasiError';
  readonly hostToml: string | undefined;

  constructor(
    readonly code: ErrorCode,
    /** The message without its lines of host.toml. */
    readonly sentence: string,
    { hostToml, ...options }: WasiErrorOptions = {},
  ) {
    super(hostToml === undefined ? sentence : `${sentence}\n${hostToml}`, options);
    this.hostToml = hostToml;
  }

  static fromFacts({ code, message, hostToml }: ErrorFacts): WasiError {
    if (hostToml === undefined) return new WasiError(code, message);
    return new WasiError(code, message.slice(0, -`\n${hostToml}`.length), { hostToml });
  }
}

/** What may cross a thread; anything that is not ours is given `fallback`, with its text kept. */
export function errorFacts(error: unknown, fallback: ErrorCode): ErrorFacts {
  if (error instanceof WasiError) {
    const { code, message, hostToml } = error;
    return { code, message, ...(hostToml === undefined ? {} : { hostToml }) };
  }
  return { code: fallback, message: error instanceof Error ? error.message : String(error) };
}

/** The codes of a device that is not there or may not be opened: the administrator's to mend, and no fault of a guest. */
export type AbsenceCode = 'HARDWARE_MISSING' | 'HARDWARE_PERMISSION';

export function isAbsence(code: unknown): code is AbsenceCode {
  return code === 'HARDWARE_MISSING' || code === 'HARDWARE_PERMISSION';
}
