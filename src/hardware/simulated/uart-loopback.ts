/**
 * A serial port whose output is wired to its input. Holds a bounded number of bytes, as a kernel's buffer does: what
 * does not fit is not taken, and `write` says how much was.
 */
import type { Clock } from '../../platform/clock';

const BUFFER_BYTES = 4_096;

export class UartLoopback {
  readonly #clock: Clock;
  #held = new Uint8Array(0);
  readonly #waiting = new Set<AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  write(data: Uint8Array): number {
    const taken = data.subarray(0, BUFFER_BYTES - this.#held.length);
    const held = new Uint8Array(this.#held.length + taken.length);
    held.set(this.#held);
    held.set(taken, this.#held.length);
    this.#held = held;
    this.#wake();
    return taken.length;
  }

  /** What is there, or else what comes first within `timeoutMs`; nothing after it, or when the port closes. */
  async read(maxLength: number, timeoutMs: number): Promise<Uint8Array> {
    if (this.#held.length === 0 && maxLength > 0 && timeoutMs > 0) await this.#dataOrTimeout(timeoutMs);
    const read = this.#held.slice(0, maxLength);
    this.#held = this.#held.slice(read.length);
    return read;
  }

  close(): void {
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiting) waiter.abort();
    this.#waiting.clear();
  }

  async #dataOrTimeout(timeoutMs: number): Promise<void> {
    const woken = new AbortController();
    this.#waiting.add(woken);
    try {
      await this.#clock.wait(timeoutMs, woken.signal);
    } catch (error) {
      if (!woken.signal.aborted) throw error;
    } finally {
      this.#waiting.delete(woken);
    }
  }
}
