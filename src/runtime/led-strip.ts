/**
 * The LED strip: the buffer that plugins' changes are merged into, a flow's override above it, and the one write that shows
 * both. Writes run one after the other, so that a second sync sees what the first one wrote and each shows its own override.
 */

import { errorFacts } from '../errors/wasi-error';
import { LedBuffer, type LedWrite } from '../leds/led-buffer';
import { parseLedOverride } from '../leds/led-override';
import { Mutex } from '../platform/mutex';
import type { LedTotals } from '../runtime-api/counters';
import type { LedSyncOutcome } from '../runtime-api/runtime-api';

export class LedStrip {
  #buffer: LedBuffer;
  readonly #mutex = new Mutex();
  #writes = 0;
  readonly #failures = new Map<string, number>();

  constructor(
    count: number,
    readonly write: (frame: Uint8Array) => Promise<void>,
  ) {
    this.#buffer = new LedBuffer(count);
  }

  merge(writes: readonly LedWrite[]): void {
    this.#buffer.merge(writes);
  }

  /** As it shines, `#rrggbb` an LED: what was last written, dark before that. */
  shownColors(): readonly string[] {
    return this.#buffer.shownColors();
  }

  /**
   * `leds` as `parseLedOverride` reads it; it holds from then on. Rejects with CONFIG_INVALID, and changes nothing, or as
   * the device does; the buffer then still counts as not shown.
   */
  sync(leds: unknown): Promise<LedSyncOutcome> {
    return this.#mutex.run(() => this.#syncNow(leds));
  }

  /** Writes of the strip until now, and those that failed. */
  totals(): LedTotals {
    return { writes: this.#writes, failuresByCode: Object.fromEntries(this.#failures) };
  }

  /** The devices were opened anew: the next sync writes whatever the buffer holds. */
  forgetShown(): void {
    this.#buffer.forgetShown();
  }

  /** A strip of another length starts dark, without an override. */
  resize(count: number): void {
    if (count !== this.#buffer.count) this.#buffer = new LedBuffer(count);
  }

  async #syncNow(wanted: unknown): Promise<LedSyncOutcome> {
    const buffer = this.#buffer;
    const override = parseLedOverride(wanted, buffer.count);
    if (override !== undefined) buffer.override(override);
    const leds = buffer.hexColors();
    if (buffer.isShown()) return { changed: false, leds };
    const frame = buffer.frame();
    await this.#write(frame);
    buffer.markShown(frame);
    return { changed: true, leds };
  }

  async #write(frame: Uint8Array): Promise<void> {
    try {
      await this.write(frame);
      this.#writes += 1;
    } catch (error) {
      const { code } = errorFacts(error, 'HARDWARE_IO');
      this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
      throw error;
    }
  }
}
