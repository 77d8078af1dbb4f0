/**
 * One guest's own LEDs, in its worker. What a guest sets stays here until its poll succeeds: then `takeWrites` hands
 * it on in one piece; after a failed poll `discard` forgets it. Only granted LEDs of the strip take a color: any other
 * write is dropped, and the first one is warned of (one warning for the life of the instance: a guest that calls
 * `set_all` at every poll must not fill the log). Later writes to an LED replace earlier ones.
 */
import type { LedWrite } from './led-buffer';

const MAX_BYTE = 255;

export class GuestLeds {
  readonly #count: number;
  readonly #granted: ReadonlySet<number>;
  readonly #warn: (text: string) => void;
  readonly #pending = new Map<number, LedWrite>();
  #warned = false;

  /** `count`: LEDs on the strip; `granted`: `led` or `leds` of the plugin. */
  constructor(count: number, granted: readonly number[], warn: (text: string) => void) {
    this.#count = count;
    this.#granted = new Set(granted.filter((led) => led < count));
    this.#warn = warn;
  }

  setLed(index: number, r: number, g: number, b: number): void {
    this.#write('set-led', [{ index, r, g, b }]);
  }

  /** LEDs 0 and 1. */
  setTwo(r0: number, g0: number, b0: number, r1: number, g1: number, b1: number): void {
    this.#write('set-two', [
      { index: 0, r: r0, g: g0, b: b0 },
      { index: 1, r: r1, g: g1, b: b1 },
    ]);
  }

  setAll(r: number, g: number, b: number): void {
    this.#write('set-all', this.#everyLed(r, g, b));
  }

  clear(): void {
    this.#write('clear', this.#everyLed(0, 0, 0));
  }

  /** What was set since the last call, by LED, and forgets it. */
  takeWrites(): readonly LedWrite[] {
    const writes = [...this.#pending.values()].sort((a, b) => a.index - b.index);
    this.#pending.clear();
    return writes;
  }

  /** Forgets what was set since the last `takeWrites`. */
  discard(): void {
    this.#pending.clear();
  }

  #everyLed(r: number, g: number, b: number): LedWrite[] {
    return Array.from({ length: this.#count }, (_, index) => ({ index, r, g, b }));
  }

  #write(call: string, writes: readonly LedWrite[]): void {
    const dropped: number[] = [];
    for (const { index, r, g, b } of writes) {
      if (this.#granted.has(index)) this.#pending.set(index, { index, r: toByte(r), g: toByte(g), b: toByte(b) });
      else dropped.push(index);
    }
    if (dropped.length > 0) this.#warnOnce(call, dropped);
  }

  #warnOnce(call: string, dropped: readonly number[]): void {
    if (this.#warned) return;
    this.#warned = true;
    const allowed =
      this.#granted.size > 0 ? `it may change LED ${[...this.#granted].join(', ')}` : 'it was given no LED';
    this.#warn(
      `${call} on LED ${dropped.join(', ')} was dropped: ${allowed} of a strip of ${this.#count}. ` +
        'Give it more with "led" or "leds" in its table of host.toml. Further dropped writes are not reported.',
    );
  }
}

/** A guest's numbers arrive as bytes already; this keeps the buffer sound whatever the glue lets through. */
function toByte(value: number): number {
  return Number.isFinite(value) ? Math.min(MAX_BYTE, Math.max(0, Math.trunc(value))) : 0;
}
