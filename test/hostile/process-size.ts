/** How large this process is, and that it comes back to it: threads of guests, which are in another, own threads, heap, RSS. */
import assert from 'node:assert/strict';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RuntimeApi } from '../../src/runtime-api/runtime-api';
import { until } from '../support/until';
import { Threads } from '../wasm/threads';

/** What the numbers of one process scatter by: glibc keeps what was freed, in arenas that threads come to share. */
const RSS_SLACK_BYTES = 50 * 2 ** 20;
const HEAP_SLACK_BYTES = 4 * 2 ** 20;
/** Finalizers of one collection free what the next one counts. */
const COLLECTIONS = 3;
/** Several times as long as a process without guests is kept. */
const RECOVERY_LIMIT_MS = 90_000;
const LOOK_AGAIN_MS = 500;
const BYTES_PER_MIB = 2 ** 20;

export class ProcessSize {
  readonly #all = new Threads(() => true);
  readonly #collect = collector();
  #before = { rss: 0, heapUsed: 0, threads: 0 };

  constructor(readonly runtime: RuntimeApi) {}

  async remember(): Promise<void> {
    this.#before = await this.#now();
  }

  /** Resolves when no more guests run than these; rejects when one does not end. */
  guestsAtMost(count: number): Promise<void> {
    const { runtime } = this;
    return until(
      () => runtime.counts().guestProcesses.threads <= count || undefined,
      () => `${runtime.counts().guestProcesses.threads} guests still run, and at most ${count} may`,
    ).then(() => undefined);
  }

  /** Returns what it grew by. */
  async assertNotGrown(): Promise<string> {
    await this.#all.atMost(this.#before.threads);
    // What a process or a socket held is given back some time after its end.
    const giveUpAt = performance.now() + RECOVERY_LIMIT_MS;
    let now = await this.#now();
    while (now.rss - this.#before.rss >= RSS_SLACK_BYTES && performance.now() < giveUpAt) {
      await delay(LOOK_AGAIN_MS);
      now = await this.#now();
    }
    const rss = now.rss - this.#before.rss;
    const heap = now.heapUsed - this.#before.heapUsed;
    const text = `RSS grew by ${inMib(rss)} MiB to ${inMib(now.rss)} MiB, heap by ${inMib(heap)} MiB`;
    assert.ok(rss < RSS_SLACK_BYTES && heap < HEAP_SLACK_BYTES, text);
    return text;
  }

  async #now(): Promise<{ rss: number; heapUsed: number; threads: number }> {
    for (let pass = 0; pass < COLLECTIONS; pass += 1) {
      this.#collect();
      await turn();
    }
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed, threads: this.#all.running };
  }
}

/** Node's own way to a collection is a flag that the runner of tests does not pass on. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

function inMib(bytes: number): string {
  return (bytes / BYTES_PER_MIB).toFixed(1);
}
