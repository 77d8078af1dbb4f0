/**
 * When a DHT22 is read, whatever reads its frames. The sensor needs time between two reads and warms itself when asked
 * too often, so callers who come during a read or too soon after one share its outcome, good or bad. A frame that
 * failed is asked for once more after that pause. Rejects as the line does.
 */
import { WasiError } from '../../errors';
import type { Clock } from '../clock';
import type { Dht22Measurement } from '../hardware';
import { parseDht22Frame } from './dht22-frame';

/** Whatever can get the 40 bits: a kernel driver, a simulation. */
export type ReadDht22Frame = () => Promise<Uint8Array>;

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
  readonly #readFrame: ReadDht22Frame;
  readonly #clock: Clock;
  #state: ReaderState = { kind: 'never-read' };

  constructor(readFrame: ReadDht22Frame, clock: Clock) {
    this.#readFrame = readFrame;
    this.#clock = clock;
  }

  read(): Promise<Dht22Measurement> {
    const state = this.#state;
    if (state.kind === 'reading') return state.outcome;
    if (state.kind === 'read' && this.#clock.now() - state.at < MIN_READ_INTERVAL_MS) return state.outcome;
    const outcome = this.#readWithRetry();
    this.#state = { kind: 'reading', outcome };
    const ended = () => {
      this.#state = { kind: 'read', at: this.#clock.now(), outcome };
    };
    outcome.then(ended, ended);
    return outcome;
  }

  async #readWithRetry(): Promise<Dht22Measurement> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return parseDht22Frame(await this.#readFrame());
      } catch (error) {
        const again = error instanceof WasiError && error.code === 'HARDWARE_IO' && attempt < MAX_TRIES;
        if (!again) throw error;
      }
      await this.#clock.wait(MIN_READ_INTERVAL_MS);
    }
  }
}
