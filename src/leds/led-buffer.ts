/**
 * The runtime's picture of the LED strip. Plugins' changes are merged in whole or not at all; what the strip shows is
 * remembered, so that it is written only when it differs. At the start nobody knows what the strip shows (it may still
 * glow from before a crash), so the first frame always counts as new. Writing the strip is left to the devices: pass
 * the same frame to `markShown` once it was written, since the buffer may have changed meanwhile.
 *
 * Above the plugins' colours lies an override, a flow's: its LEDs show it, whatever plugins set, until another one replaces
 * it as a whole. What plugins set meanwhile is kept beneath.
 */

export interface LedWrite {
  readonly index: number;
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

const BYTES_PER_LED = 3;
const MAX_BYTE = 255;

export class LedBuffer {
  #frame: Uint8Array;
  #override: readonly LedWrite[] = [];
  #shown: Uint8Array | undefined;

  constructor(readonly count: number) {
    this.#frame = new Uint8Array(count * BYTES_PER_LED);
  }

  /** Throws RangeError, and changes nothing, if one of the writes names no LED of the strip or is no color. */
  merge(writes: readonly LedWrite[]): void {
    this.#frame = this.#painted(this.#frame, writes);
  }

  /** Replaces the override; none ends it. Throws as `merge` does. */
  override(writes: readonly LedWrite[]): void {
    this.#painted(this.#frame, writes);
    this.#override = [...writes];
  }

  /** What the strip is to show: red, green, blue of LED 0, then of LED 1, and so on; a copy. */
  frame(): Uint8Array {
    return this.#painted(this.#frame, this.#override);
  }

  isShown(): boolean {
    const shown = this.#shown;
    return shown !== undefined && this.frame().every((byte, at) => byte === shown[at]);
  }

  markShown(frame: Uint8Array): void {
    if (frame.length !== this.#frame.length) {
      throw new RangeError(`A frame of ${frame.length} bytes is none of a strip of ${this.count} LEDs.`);
    }
    this.#shown = Uint8Array.from(frame);
  }

  /** Nobody knows any more what the strip shows: whoever drives it started anew. */
  forgetShown(): void {
    this.#shown = undefined;
  }

  /** What the strip is to show, `#rrggbb` an LED. */
  hexColors(): readonly string[] {
    return hexOf(this.frame());
  }

  /** What the strip shows, `#rrggbb` an LED: dark as long as nobody knows. */
  shownColors(): readonly string[] {
    return hexOf(this.#shown ?? new Uint8Array(this.#frame.length));
  }

  /** A copy of `frame` with the writes in it. */
  #painted(frame: Uint8Array, writes: readonly LedWrite[]): Uint8Array {
    const next = Uint8Array.from(frame);
    for (const { index, r, g, b } of writes) {
      if (!isWhole(index, this.count - 1)) throw new RangeError(`LED ${index} is not on a strip of ${this.count}.`);
      for (const byte of [r, g, b]) {
        if (!isWhole(byte, MAX_BYTE)) throw new RangeError(`LED ${index}: ${byte} is no brightness from 0 to 255.`);
      }
      next.set([r, g, b], index * BYTES_PER_LED);
    }
    return next;
  }
}

function hexOf(frame: Uint8Array): readonly string[] {
  const hex = Buffer.from(frame).toString('hex');
  return Array.from({ length: frame.length / BYTES_PER_LED }, (_, led) => `#${hex.slice(led * 6, led * 6 + 6)}`);
}

function isWhole(value: number, highest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= highest;
}
