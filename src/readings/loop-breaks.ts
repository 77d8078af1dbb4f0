/**
 * Long work in short pieces: whoever goes through much awaits `pause()` between its pieces, and Node-RED's loop goes round
 * whenever such work has held it for a while.
 */
import { setImmediate as nextRound } from 'node:timers/promises';

/** A quarter of the 20 ms that nothing may hold the loop for, as the piece at hand still ends behind it. */
const SLICE_MS = 5;

export class LoopBreaks {
  #since = performance.now();

  async pause(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await nextRound();
    this.#since = performance.now();
  }
}
