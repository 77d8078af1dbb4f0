/**
 * When a DHT22 is read, whatever reads it. The sensor needs time between two reads and warms itself when asked too often,
 * so callers who come during a read or too soon after one share its outcome, good or bad. A read that failed is done once
 * more, that time after it began. Rejects as the read does.
 */
import { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';
import type { Dht22Measurement } from '../hardware';

/** One measurement of the sensor: by a kernel driver, from the 40 bits of a simulation. */
export type ReadDht22 = () => Promise<Dht22Measurement>;

/** The sensor measures every 2 s (AM2302 manual); the rest is slack. */
const MIN_READ_INTERVAL_MS = 2_500;

/**
 * A third try would begin 5 s after the first: later than a guest's default deadline (`deadline_ms`), which would then
 * end a healthy guest for its sensor's fault. The guest's next poll is the third try.
 */
const MAX_TRIES = 2;

type ReaderState =
  | { readonly kind: 'never-read' }
  | { readonly kind: 'reading'; readonly outcome: Promise<Dht22Measurement> }
  | { readonly kind: 'read'; readonly at: number; readonly outcome: Promise<Dht22Measurement> };

export class Dht22Reader {
  readonly #readOnce: ReadDht22;
  readonly #clock: Clock;
  #state: ReaderState = { kind: 'never-read' };

  constructor(readOnce: ReadDht22, clock: Clock) {
    this.#readOnce = readOnce;
    this.#clock = clock;
  }

  read(): Promise<Dht22Measurement> {
    const state = this.#state;
    if (state.kind === 'reading') return state.outcome;
    if (state.kind === 'read' && this.#clock.monotonic() - state.at < MIN_READ_INTERVAL_MS) return state.outcome;
    const outcome = this.#readWithRetry();
    this.#state = { kind: 'reading', outcome };
    const ended = () => {
      this.#state = { kind: 'read', at: this.#clock.monotonic(), outcome };
    };
    outcome.then(ended, ended);
    return outcome;
  }

  async #readWithRetry(): Promise<Dht22Measurement> {
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = this.#clock.monotonic();
      try {
        return await this.#readOnce();
      } catch (error) {
        const again = error instanceof WasiError && error.code === 'HARDWARE_IO' && attempt < MAX_TRIES;
        if (!again) throw error;
      }
      const restMs = startedAt + MIN_READ_INTERVAL_MS - this.#clock.monotonic();
      if (restMs > 0) await this.#clock.wait(restMs);
    }
  }
}
