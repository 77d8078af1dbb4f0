/**
 * The LED strip: the buffer that plugins' changes are merged into, and the one write that shows it. Writes run one after
 * the other, so that a second sync sees what the first one wrote.
 */
import { LedBuffer, type LedWrite } from '../leds/led-buffer';
import type { LedSyncOutcome } from '../runtime-api';

export class LedStrip {
  #buffer: LedBuffer;
  #syncing: Promise<unknown> = Promise.resolve();

  constructor(
    count: number,
    readonly write: (frame: Uint8Array) => Promise<void>,
  ) {
    this.#buffer = new LedBuffer(count);
  }

  merge(writes: readonly LedWrite[]): void {
    this.#buffer.merge(writes);
  }

  /** `#rrggbb` an LED. */
  hexColors(): readonly string[] {
    return this.#buffer.hexColors();
  }

  /** Rejects as the device does; the buffer then still counts as not shown. */
  sync(): Promise<LedSyncOutcome> {
    const mine = this.#syncing.then(() => this.#syncNow());
    this.#syncing = mine.catch(() => undefined);
    return mine;
  }

  /** The devices were opened anew: the next sync writes whatever the buffer holds. */
  forgetShown(): void {
    this.#buffer.forgetShown();
  }

  /** A strip of another length starts dark. */
  resize(count: number): void {
    if (count !== this.#buffer.count) this.#buffer = new LedBuffer(count);
  }

  async #syncNow(): Promise<LedSyncOutcome> {
    const buffer = this.#buffer;
    const leds = buffer.hexColors();
    if (buffer.isShown()) return { changed: false, leds };
    const frame = buffer.frame();
    await this.write(frame);
    buffer.markShown(frame);
    return { changed: true, leds };
  }
}
