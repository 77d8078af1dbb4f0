/**
 * host.toml could not be written, or not by a machine: it is inline text, somebody else's, changed meanwhile, or written in
 * a form that is not edited here. CONFIG_INVALID, with the lines that a person pastes instead.
 */
import { WasiError } from '../errors';

export class NotWritten extends WasiError {
  constructor(
    message: string,
    /** A table or two, as host.toml has them; empty where a whole text was to be written. */
    readonly lines: string,
    options?: ErrorOptions,
  ) {
    super('CONFIG_INVALID', message, options);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write it',
  EPERM: 'this user may not write it and keep its owner',
  EROFS: 'its file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left',
};

/** Why a file could not be written, as people say it. */
export function writeFailure(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? String(cause);
}
