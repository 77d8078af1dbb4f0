/**
 * How far another node's clock is ahead of this one's, from when it says that it sent something and when that arrived: the
 * way takes some ms, or seconds where it was tried again, so that the message which seems to have come fastest says most.
 */

/** Over the last ones: a clock that is stepped is believed after so many batches. */
const SAMPLES = 16;

export class Skew {
  readonly #samples: number[] = [];

  add(sentAt: number, receivedAt: number): void {
    this.#samples.push(sentAt - receivedAt);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** ms; positive where the other clock is ahead; undefined where nothing was received live. Some 10 ms are the way. */
  get ms(): number | undefined {
    return this.#samples.length === 0 ? undefined : Math.max(...this.#samples);
  }
}
