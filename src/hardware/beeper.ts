/**
 * Beep patterns on a relay. A pattern runs by itself; a newer one replaces it, and `stop` ends it: the relay is then off,
 * whatever was playing. Lengths are bounded by whoever grants them.
 */
import type { Clock } from './clock';

export class Beeper {
  readonly #setRelay: (on: boolean) => void;
  readonly #clock: Clock;
  #playing: AbortController | undefined;

  constructor(setRelay: (on: boolean) => void, clock: Clock) {
    this.#setRelay = setRelay;
    this.#clock = clock;
  }

  /** Returns when the first tone sounds. */
  play(count: number, durationMs: number, intervalMs: number): void {
    this.stop();
    const playing = new AbortController();
    this.#playing = playing;
    void this.#run(count, durationMs, intervalMs, playing.signal);
  }

  stop(): void {
    this.#playing?.abort();
    this.#playing = undefined;
    this.#setRelay(false);
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
