/**
 * What the editor's requests are answered with: JSON, never kept by a cache, and for every error its code, a sentence and
 * what helps to mend it: lines to paste into host.toml, or problems by line.
 */
import type { Response } from 'express';
import { type ErrorCode, WasiError } from '../../src/errors/wasi-error';
import { NotWritten } from '../../src/host-config/not-written';
import { ConfigInvalid } from '../../src/host-config/problems';

export interface AdminAnswer {
  readonly status: number;
  /** Missing: an answer without a body. */
  readonly body?: unknown;
}

/** A request that is wrong by itself, whatever the runtime is like. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';

  constructor(
    readonly status: 400 | 403 | 404 | 409 | 413 | 415,
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** 503: the same request may succeed later. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  CONFIG_INVALID: 409,
  PLUGIN_INVALID: 400,
  PLUGIN_NOT_FOUND: 404,
  PLUGIN_STORAGE: 503,
  POLL_BUSY: 503,
  SYSTEM_SHORTAGE: 503,
  RUNTIME_CLOSED: 503,
};

/** undefined for what is nobody's error but ours. */
export function answerFor(error: unknown): AdminAnswer | undefined {
  if (!(error instanceof BadRequest || error instanceof WasiError)) return undefined;
  const { code, message } = error;
  if (error instanceof BadRequest) return { status: error.status, body: { code, message } };
  if (error instanceof ConfigInvalid) return { status: 400, body: { code, message, problems: error.problems } };
  if (error instanceof NotWritten) return { status: 409, body: { code, message, lines: error.lines } };
  return { status: STATUS[code] ?? 500, body: { code, message } };
}

export function send(response: Response, { status, body }: AdminAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.status(status).set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  if (body === undefined) response.end();
  else response.json(body);
}
