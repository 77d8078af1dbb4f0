/**
 * One guest's own LEDs, in its worker. What a guest sets stays here until its call ends: then `takeWrites` hands it on in
 * one piece, which the host merges if the poll succeeded and drops if not. Only granted LEDs of the strip take a color:
 * any other write is dropped, and every call that had one is told of, once. Later writes to an LED replace earlier ones.
 */
import type { LedWrite } from './led-buffer';

const MAX_BYTE = 255;
/** More numbers than these are no message for people. */
const SHOWN_LEDS = 16;

export class GuestLeds {
  readonly #count: number;
  readonly #granted: ReadonlySet<number>;
  readonly #onDropped: (text: () => string) => void;
  readonly #pending = new Map<number, LedWrite>();

  /** `count`: LEDs on the strip; `granted`: `led` or `leds` of the plugin; `onDropped`: the reason, should anybody ask. */
  constructor(count: number, granted: readonly number[], onDropped: (text: () => string) => void) {
    this.#count = count;
    this.#granted = new Set(granted.filter((led) => led < count));
    this.#onDropped = onDropped;
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

  #everyLed(r: number, g: number, b: number): LedWrite[] {
    return Array.from({ length: this.#count }, (_, index) => ({ index, r, g, b }));
  }

  #write(call: string, writes: readonly LedWrite[]): void {
    const dropped: number[] = [];
    for (const { index, r, g, b } of writes) {
      if (this.#granted.has(index)) this.#pending.set(index, { index, r: toByte(r), g: toByte(g), b: toByte(b) });
      else dropped.push(index);
    }
    if (dropped.length > 0) this.#onDropped(() => this.#droppedText(call, dropped));
  }

  #droppedText(call: string, dropped: readonly number[]): string {
    const granted = [...this.#granted];
    const allowed = granted.length > 0 ? `it may change LED ${shown(granted)}` : 'it was given no LED';
    const onStrip = dropped.filter((led) => led < this.#count);
    const remedy =
      onStrip.length > 0
        ? `write \`leds = [${shown([...granted, ...onStrip].sort((a, b) => a - b))}]\` in its table of host.toml, in place of a \`led\` or \`leds\` that is there`
        : 'raise `count` in [leds] of host.toml if the strip is longer';
    return `${call} on LED ${shown(dropped)} was dropped: ${allowed} of a strip of ${this.#count}. To allow it, ${remedy}`;
  }
}

function shown(leds: readonly number[]): string {
  const more = leds.length > SHOWN_LEDS ? ', …' : '';
  return `${leds.slice(0, SHOWN_LEDS).join(', ')}${more}`;
}

/** A guest's numbers arrive as bytes already; this keeps the buffer sound whatever the glue lets through. */
function toByte(value: number): number {
  return Number.isFinite(value) ? Math.min(MAX_BYTE, Math.max(0, Math.trunc(value))) : 0;
}
