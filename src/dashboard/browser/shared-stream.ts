/**
 * A tab's end of the worker that all tabs of one page share. The worker is a thread of the browser's own: no hidden, frozen
 * or hanging tab holds it up, it ends with its last tab, and it needs no https. It lies in the process of one of the tabs,
 * though, and goes with it if that crashes, of which the others are not told: what does not answer is started anew.
 */
import type { PageSource, SourceEvents, SourceState } from './page-source';
import type { FromTab, ToTab } from './shared-protocol';
import { steadyNow } from './steady-clock';

/** Answers come at once; a machine that is busy takes longer. */
const ANSWER_WITHIN_MS = 3_000;
/** In a row, before the tab does without. */
const MAX_STARTS = 3;

export class SharedStream implements PageSource {
  #state: SourceState = { kind: 'updating', since: Date.now() };
  #worker: SharedWorker;
  #round = 1;
  #isResting = false;
  #heardAt = steadyNow();
  #tickedAt = steadyNow();
  #heardDate = Date.now();
  #starts = 1;

  /** Throws where the browser has no such workers, or lets this page have none. */
  constructor(
    readonly url: string,
    readonly revision: () => string,
    readonly events: SourceEvents,
    /** There is no use in this worker. */
    readonly failed: () => void,
  ) {
    this.#worker = this.#start();
    this.#ask();
  }

  get state(): SourceState {
    return this.#state;
  }

  tick(): void {
    const now = steadyNow();
    // This tab stood still: what waits for it may be old.
    if (now - this.#tickedAt > ANSWER_WITHIN_MS) this.wake();
    this.#tickedAt = now;
    if (now - this.#heardAt > ANSWER_WITHIN_MS) this.#startAnew();
    else this.#ask();
  }

  rest(): void {
    this.#isResting = true;
    this.#isNotCertain();
  }

  wake(): void {
    this.#isResting = false;
    this.#heardAt = steadyNow();
    this.#tickedAt = this.#heardAt;
    this.#newRound();
    this.#ask();
  }

  repeat(): void {
    this.#newRound();
  }

  close(): void {
    this.#worker.port.close();
  }

  #newRound(): void {
    this.#round += 1;
    this.#isNotCertain();
  }

  #isNotCertain(): void {
    if (this.#state.kind === 'live') this.#state = { kind: 'updating', since: this.#heardDate };
  }

  #start(): SharedWorker {
    const worker = new SharedWorker(this.url);
    // Its script cannot be had, or is not run.
    worker.addEventListener('error', () => {
      if (worker === this.#worker) this.failed();
    });
    worker.port.addEventListener('message', ({ data }: MessageEvent<ToTab>) => {
      if (worker === this.#worker && data.round === this.#round) this.#told(data);
    });
    worker.port.start();
    return worker;
  }

  #startAnew(): void {
    this.close();
    if (this.#starts >= MAX_STARTS) {
      this.failed();
      return;
    }
    this.#starts += 1;
    this.#heardAt = steadyNow();
    this.#worker = this.#start();
    this.#newRound();
    this.#ask();
  }

  #ask(): void {
    const asked: FromTab = { round: this.#round, revision: this.revision() };
    this.#worker.port.postMessage(asked);
  }

  #told({ build, state, page }: ToTab): void {
    this.#heardAt = steadyNow();
    this.#starts = 0;
    if (state.kind === 'live') this.#heardDate = Date.now();
    // The worker's `since` is its own: what this tab shows may be older.
    const since = this.#heardDate;
    if (state.kind === 'lost') this.#state = { ...state, since };
    else this.#state = state.kind === 'live' && !this.#isResting ? state : { kind: 'updating', since };
    if (build !== undefined) this.events.hello({ build });
    if (page) this.events.page(page);
  }
}
