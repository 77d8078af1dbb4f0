/**
 * host.toml could not be written, or not by a machine: it is inline text, somebody else's, changed meanwhile, or written in
 * a form that is not edited here. CONFIG_INVALID, with the lines that a person pastes instead.
 */
import { WasiError } from '../errors/wasi-error';

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
