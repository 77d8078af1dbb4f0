/**
 * How long Node-RED's loop could do nothing else, seen twice. A chain of 1 ms timers notes how much later than asked
 * each one ran: that is what a message would have waited. `perf_hooks.monitorEventLoopDelay` (resolution 1 ms) counts the
 * same in C++ and stands beside it, one millisecond higher, as it counts whole intervals. A timer is late for two
 * reasons: the loop was busy or blocked, or the thread waited for a core that other threads and processes had. The
 * kernel counts the latter (schedstat, Linux), and it is told apart. A chain of `setImmediate` would see no more and
 * would keep a core busy that the guests' threads need.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 1;
const NS_PER_MS = 1e6;

/** The longest own part may be another stall's than the longest: one that had no wait in it. */
const NO_STALL = { stallMs: 0, waitedMs: 0, ownMs: 0 };

export class StallProbe {
  #waits = RunQueueWaits.open();
  #histogram = monitorEventLoopDelay({ resolution: EVERY_MS });
  #longest = NO_STALL;
  #timer;

  constructor() {
    this.#histogram.enable();
    this.#next(performance.now(), this.#waits.totalMs());
  }

  /**
   * The longest stall since the last `take`, of which waiting for a core, the longest that was no such wait (`ownMs`), and
   * what the histogram has seen.
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

  #next(askedAt, waitedBefore) {
    this.#timer = setTimeout(() => {
      const now = performance.now();
      const waited = this.#waits.totalMs();
      const stallMs = now - askedAt - EVERY_MS;
      const waitedMs = Math.min(stallMs, waited - waitedBefore);
      const ownMs = Math.max(this.#longest.ownMs, stallMs - waitedMs);
      this.#longest = stallMs > this.#longest.stallMs ? { stallMs, waitedMs, ownMs } : { ...this.#longest, ownMs };
      this.#next(now, waited);
    }, EVERY_MS);
  }
}

/** How long this process's main thread was ready to run and had no core; always 0 where the kernel does not say. */
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
  totalMs() {
    if (this.file === undefined) return 0;
    const length = readSync(this.file, this.#bytes, 0, this.#bytes.length, 0);
    return Number(this.#bytes.toString('latin1', 0, length).split(' ')[1]) / NS_PER_MS;
  }

  close() {
    if (this.file !== undefined) closeSync(this.file);
  }
}
