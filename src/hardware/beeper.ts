/**
 * Beep patterns on a relay. A pattern runs by itself; a newer one replaces it, and `stop` ends it: the relay is then off,
 * whatever was playing. Lengths are bounded by whoever grants them.
 */
import type { Clock } from '../platform/clock';

export class Beeper {
  readonly #setRelay: (on: boolean) => void;
  readonly #clock: Clock;
  readonly #onFailure: (error: Error) => void;
  #playing: AbortController | undefined;

  /** `onFailure` is told of a relay that failed while a pattern played, which is then over. */
  constructor(setRelay: (on: boolean) => void, clock: Clock, onFailure: (error: Error) => void) {
    this.#setRelay = setRelay;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** Returns when the first tone sounds. Throws what the relay throws. */
  play(count: number, durationMs: number, intervalMs: number): void {
    this.stop();
    const playing = new AbortController();
    this.#playing = playing;
    this.#run(count, durationMs, intervalMs, playing.signal).catch(this.#onFailure);
  }

  stop(): void {
    this.end();
    this.#setRelay(false);
  }

  /** No further tone. The relay is left to whoever closes it. */
  end(): void {
    this.#playing?.abort();
    this.#playing = undefined;
  }

  async #run(count: number, durationMs: number, intervalMs: number, signal: AbortSignal): Promise<void> {
    for (let tone = 1; tone <= count; tone += 1) {
      this.#setRelay(true);
      if (!(await this.#waited(durationMs, signal))) return;
      this.#setRelay(false);
      if (tone < count && !(await this.#waited(intervalMs, signal))) return;
    }
  }

  /** Whether the time passed; otherwise the pattern was stopped and its relay is no longer its own. */
  async #waited(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.wait(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return !signal.aborted;
  }
}
