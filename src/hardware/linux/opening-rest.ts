/**
 * The pause between two tries of opening the same device: a device that is absent is looked for at each call, but not
 * more often than once a second, so that a plugin in a loop costs no processor. Within the pause the last failure holds.
 */
import type { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';

const REST_MS = 1_000;

export class OpeningRest {
  readonly #clock: Clock;
  #last: { readonly at: number; readonly error: WasiError } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws the last failure while it is young. */
  assertRested(): void {
    if (this.#last && this.#clock.monotonic() - this.#last.at < REST_MS) throw this.#last.error;
  }

  /** Remembers the failure, and is it. */
  failed(error: WasiError): WasiError {
    this.#last = { at: this.#clock.monotonic(), error };
    return error;
  }
}
