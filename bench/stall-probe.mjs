/**
 * The times in which Node-RED's event loop could do nothing else, measured in two ways. A chain of 1 ms timers measures how
 * late each timer runs: a message would have waited as long. `perf_hooks.monitorEventLoopDelay` (resolution 1 ms) counts
 * the same in C++, one millisecond more, since it counts whole intervals. A timer is late for two reasons: the loop was
 * busy or blocked, or the thread waited for a core that other threads and processes had. The kernel counts the second
 * (schedstat, Linux), so it is reported separately. A chain of `setImmediate` would not see more and would keep a core
 * busy that the guests' threads need.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 1;
const NS_PER_MS = 1e6;

/** `ownMs` and `busyMs` may be of another stall than `stallMs`, the longest one. */
const NO_STALL = { stallMs: 0, waitedMs: 0, ownMs: 0, busyMs: 0 };

export class StallProbe {
  #waits = RunQueueWaits.open();
  #histogram = monitorEventLoopDelay({ resolution: EVERY_MS });
  #longest = NO_STALL;
  #timer;

  constructor() {
    this.#histogram.enable();
    this.#next(performance.now(), this.#waits.totals());
  }

  /**
   * Of the stalls since the last `take`: the longest, and how much of it the thread waited for a core; the longest without
   * such waits (`ownMs`); the longest work in one stall (`busyMs`; in the rest of `ownMs` the thread was blocked, by a lock
   * of the kernel for instance); and the longest of the histogram.
   */
  take() {
    const taken = { ...this.#longest, histogramMs: this.#histogram.max / NS_PER_MS };
    this.#longest = NO_STALL;
    this.#histogram.reset();
    return taken;
  }

  close() {
    clearTimeout(this.#timer);
    this.#histogram.disable();
    this.#waits.close();
  }

  #next(askedAt, before) {
    this.#timer = setTimeout(() => {
      const now = performance.now();
      const totals = this.#waits.totals();
      const stallMs = now - askedAt - EVERY_MS;
      const waitedMs = Math.min(stallMs, totals.waitedMs - before.waitedMs);
      const ownMs = Math.max(this.#longest.ownMs, stallMs - waitedMs);
      const busyMs = Math.max(this.#longest.busyMs, Math.min(stallMs - waitedMs, totals.ranMs - before.ranMs));
      const longest = stallMs > this.#longest.stallMs ? { stallMs, waitedMs } : this.#longest;
      this.#longest = { ...longest, ownMs, busyMs };
      this.#next(now, totals);
    }, EVERY_MS);
  }
}

/** How long this process's main thread ran, and how long it waited for a core; without schedstat it counts as running. */
class RunQueueWaits {
  #bytes = Buffer.alloc(64);

  constructor(file) {
    this.file = file;
  }

  static open() {
    try {
      return new RunQueueWaits(openSync(`/proc/self/task/${process.pid}/schedstat`, 'r'));
    } catch (error) {
      if (error.code === 'ENOENT') return new RunQueueWaits(undefined);
      throw error;
    }
  }

  /** "<ns on a core> <ns waiting for one> <time slices>" */
  totals() {
    if (this.file === undefined) return { ranMs: performance.now(), waitedMs: 0 };
    const length = readSync(this.file, this.#bytes, 0, this.#bytes.length, 0);
    const [ran, waited] = this.#bytes.toString('latin1', 0, length).split(' ');
    return { ranMs: Number(ran) / NS_PER_MS, waitedMs: Number(waited) / NS_PER_MS };
  }

  close() {
    if (this.file !== undefined) closeSync(this.file);
  }
}
