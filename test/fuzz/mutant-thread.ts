/**
 * One stage in a thread of its own, under a watch: a mutant that takes longer than its deadline, or that ends the thread,
 * is a finding, and the rest goes on in a new thread.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromMutantThread, Judged, MutantThreadData } from './mutant-channel';

/** A thousand times what a mutant takes, so that a busy machine is no finding. */
const DEADLINE_MS = 20_000;
const HEAP_MB = 256;
/** Nothing is being judged yet. */
const NONE = -1;

export class MutantThread {
  readonly #progress = new Int32Array(new SharedArrayBuffer(4)).fill(NONE);
  #worker: Worker | undefined;

  constructor(readonly data: Omit<MutantThreadData, 'progress'>) {}

  /** Never rejects for what a mutant does. */
  async judge(indices: readonly number[]): Promise<Judged[]> {
    const judged: Judged[] = [];
    for (let left = indices; left.length > 0; ) {
      const some = await this.#judgeSome(left);
      judged.push(...some);
      const done = new Set(some.map(({ index }) => index));
      left = left.filter((index) => !done.has(index));
    }
    return judged;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** As far as one thread comes; at least one index. */
  async #judgeSome(indices: readonly number[]): Promise<readonly Judged[]> {
    this.#progress.fill(NONE);
    this.#worker ??= new Worker(join(__dirname, 'mutant-worker.js'), {
      workerData: { ...this.data, progress: this.#progress },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      // Panics of the generator: what they come to is in the report.
      stderr: true,
    });
    const worker = this.#worker;
    const stop = new AbortController();
    const [first = NONE] = indices;
    const fault = (what: string): FromMutantThread => {
      const index = Atomics.load(this.#progress, 0);
      const judged = { index: index === NONE ? first : index, verdict: 'broke', passed: false, findings: [what] };
      return { kind: 'poisoned', judged: [judged] };
    };
    worker.postMessage(indices);
    try {
      const answer = await Promise.race([
        once(worker, 'message', { signal: stop.signal }).then(([message]): FromMutantThread => message),
        once(worker, 'exit', { signal: stop.signal }).then(() => fault('it ended its thread')),
        this.#stalled(stop.signal).then(() => fault(`it takes longer than ${DEADLINE_MS} ms`)),
      ]).catch((error: unknown) => fault(`it ended its thread: ${String(error)}`));
      if (answer.kind === 'poisoned') await this.close();
      return answer.judged;
    } finally {
      stop.abort();
    }
  }

  /** Resolves when the same index is judged for longer than the deadline. */
  #stalled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let seen: number | undefined;
      const look = setInterval(() => {
        const now = Atomics.load(this.#progress, 0);
        if (now === seen) resolve();
        seen = now;
      }, DEADLINE_MS);
      signal.addEventListener('abort', () => clearInterval(look));
    });
  }
}
