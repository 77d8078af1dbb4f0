/**
 * The calling side of preparing: one component at a time in the whole process, whichever runtimes it has, since each takes
 * some 240 MB; each in a thread of its own, which ends with it. Who loads what is prepared waits for none of them.
 *
 * `prepare` throws what preparing throws, PLUGIN_LOAD_TIMEOUT, PLUGIN_TRAPPED when the thread died of it, and RUNTIME_CLOSED
 * when `signal` is aborted or after `close`: what waits is never begun then, and what is being prepared is ended.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WasiError } from '../errors';
import { limitKey } from '../limit-text';
import { DiskFailure } from './disk-failure';
import type { FromPreparer, PrepareRequest } from './preparer-channel';
import { Turns } from './turns';

/** What jco's generator needs is limited by itself, and the component's bytes are in no heap. */
export const PREPARER_HEAP_MB = 384;

const turns = new Turns();

export class ComponentPreparer {
  #state: 'open' | 'closed' = 'open';
  readonly #wanted = new Set<AbortController>();

  constructor(readonly storeDir: string) {}

  /** Returns the digest of the component that the store has now. */
  async prepare(wanted: Omit<PrepareRequest, 'storeDir'>, signal: AbortSignal): Promise<string> {
    const mine = new AbortController();
    const giveUp = () => mine.abort(closedMeanwhile());
    if (signal.aborted || this.#state === 'closed') throw closedMeanwhile();
    signal.addEventListener('abort', giveUp);
    this.#wanted.add(mine);
    try {
      return await turns.run(() => prepareNow({ ...wanted, storeDir: this.storeDir }, mine.signal), mine.signal);
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#wanted.delete(mine);
    }
  }

  /** Does not wait for the end of a preparation under way. Idempotent. */
  close(): void {
    this.#state = 'closed';
    for (const each of this.#wanted) each.abort(closedMeanwhile());
  }
}

/** Settles when the thread has ended: its memory is free then, and the next one may begin. */
async function prepareNow(request: PrepareRequest, signal: AbortSignal): Promise<string> {
  const worker = new Worker(join(__dirname, 'preparer-worker.js'), {
    workerData: request,
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: PREPARER_HEAP_MB },
  });
  worker.unref();
  let late: NodeJS.Timeout | undefined;
  try {
    return digestIn(
      await new Promise<FromPreparer>((resolve, reject) => {
        late = setTimeout(() => reject(pastDeadline(request.deadlineMs)), request.deadlineMs);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        worker.once('message', resolve);
        worker.once('error', (cause) => reject(died(`: ${cause.message}`, cause)));
        worker.once('exit', (code) => reject(died(` (exit code ${code})`)));
      }),
    );
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}

function digestIn(answer: FromPreparer): string {
  switch (answer.kind) {
    case 'prepared':
      return answer.digest;
    case 'hindered':
      throw new DiskFailure(answer.message);
    case 'failed':
      throw WasiError.fromFacts(answer.error);
  }
}

function closedMeanwhile(): WasiError {
  return new WasiError('RUNTIME_CLOSED', 'the plugin was closed while it was being prepared');
}

function pastDeadline(deadlineMs: number): WasiError {
  return new WasiError(
    'PLUGIN_LOAD_TIMEOUT',
    `it was not prepared within ${deadlineMs} ms. Raise ${limitKey('load_deadline_ms')} if it needs longer, or prepare it on a faster machine`,
  );
}

function died(how: string, cause?: Error): WasiError {
  return new WasiError('PLUGIN_TRAPPED', `preparing it ended the thread that prepares plugins${how}`, { cause });
}
