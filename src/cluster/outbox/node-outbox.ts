/**
 * The outbox of this node for as long as a cluster is configured, whatever becomes of that: it takes readings from the first
 * moment on. Until its folder can be had and read they are in memory, 4 MB of them; whatever is in its way may be corrected
 * while it runs, so that it is tried again for ever, and told of when the reason is another one. `close` leaves what etcd
 * has not acknowledged on disk, and may be called twice.
 */
import { errorFacts, WasiError } from '../../errors/wasi-error';
import { type Clock, pause } from '../../platform/clock';
import type { StorageReport } from '../../platform/storage-report';
import type { Reading } from '../../readings/reading';
import type { Losses } from '../losses';
import { Retry } from '../retry';
import { readingText } from '../wire';
import { claimOutbox } from './claim';
import { Outbox } from './outbox';
import { segmentFolder } from './segment-files';
import { Tail } from './tail';

export interface NodeOutboxSurroundings {
  readonly folder: string;
  readonly clock: Clock;
  readonly losses: Losses;
  readonly report: StorageReport;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** It could not be opened, this time. */
  onRefused(): void;
}

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly outbox: Outbox; letGo(): void }
  | { readonly kind: 'closed'; readonly outbox: Outbox | undefined };

/** A reading larger than this is a plugin's fault, and would fill etcd. */
const MAX_READING_BYTES = 32 * 2 ** 10;
const MAX_HELD_BYTES = 4 * 2 ** 20;
/** As long as a runtime that was replaced may take to close. */
const CLAIM_LIMIT_MS = 15_000;
/** At the end: Node-RED ends a node's closing after 15 s. */
const LAST_CLAIM_LIMIT_MS = 3_000;

export class NodeOutbox {
  readonly #around: NodeOutboxSurroundings;
  /** What came before it was open. */
  readonly #held = new Tail();
  #heldSoFar = 0;
  #state: State = { kind: 'opening' };
  readonly #ending = new AbortController();
  #opening: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(around: NodeOutboxSurroundings) {
    this.#around = around;
  }

  /** Opens it in the background, and tries again where that fails, until it is closed. */
  start(): void {
    this.#opening = this.#openOverAndOver();
  }

  /** Comes back at once; whoever publishes is to be woken. */
  add(readings: readonly Reading[]): void {
    const { losses } = this.#around;
    const all = readings.map(readingText);
    const texts = all.filter(({ length }) => length <= MAX_READING_BYTES);
    if (texts.length < all.length) losses.drop(all.length - texts.length, 'too large');
    if (this.#state.kind === 'open') this.#state.outbox.add(texts);
    else if (this.#closing === undefined) this.#hold(texts);
  }

  /** How many readings etcd has not acknowledged. */
  get pending(): number {
    const state = this.#state;
    return this.#held.entries.length + (state.kind === 'opening' ? 0 : (state.outbox?.pending ?? 0));
  }

  /** As soon as it is open; undefined where it is closed, or `signal` aborts, before. */
  async opened(signal: AbortSignal): Promise<Outbox | undefined> {
    if (this.#state.kind === 'opening' && !signal.aborted) {
      await new Promise<void>((resolve) => {
        void this.#opening.then(() => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
        const onAbort = () => resolve();
        signal.addEventListener('abort', onAbort, { once: true });
      });
    }
    return this.#state.kind === 'open' && !signal.aborted ? this.#state.outbox : undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#ending.abort();
    await this.#opening;
    if (this.#state.kind === 'opening' && this.#held.entries.length > 0) await this.#openAtLast();
    const state = this.#state;
    if (state.kind !== 'open') {
      this.#state = { kind: 'closed', outbox: undefined };
      return;
    }
    try {
      await state.outbox.close();
    } finally {
      this.#around.report.settled();
      state.letGo();
      this.#state = { kind: 'closed', outbox: state.outbox };
    }
  }

  #hold(texts: readonly string[]): void {
    const { losses, clock } = this.#around;
    const at = clock.monotonic();
    for (const text of texts) {
      this.#heldSoFar += 1;
      this.#held.push({ seq: this.#heldSoFar, text, at });
    }
    const dropped = this.#held.bound(MAX_HELD_BYTES);
    if (dropped > 0) losses.drop(dropped, 'no room');
  }

  async #openOverAndOver(): Promise<void> {
    const { clock } = this.#around;
    const { signal } = this.#ending;
    const retry = new Retry();
    while (!signal.aborted) {
      try {
        if ((await this.#open(CLAIM_LIMIT_MS, signal)) === 'open') return;
        // It has waited for it, and waits on.
        if (!signal.aborted) this.#tellOf(secondRuntime(), retry);
      } catch (error) {
        const waitMs = this.#tellOf(error, retry);
        await pause(clock, waitMs, signal);
      }
    }
  }

  /** Returns how long to wait. */
  #tellOf(error: unknown, retry: Retry): number {
    const { log, onRefused } = this.#around;
    const { code, message } = errorFacts(error, 'CLUSTER_UNAVAILABLE');
    const { waitMs, isNews } = retry.after(`${code}: ${message}`);
    if (isNews) log('error', `this node works alone until that is corrected: ${code}: ${message}`);
    onRefused();
    return waitMs;
  }

  async #open(claimLimitMs: number, signal: AbortSignal | undefined): Promise<'open' | 'taken'> {
    const { folder, clock, losses, report, log } = this.#around;
    const letGo = await claimOutbox(folder, claimLimitMs, signal);
    if (letGo === undefined) return 'taken';
    try {
      const outbox = await Outbox.open({
        files: segmentFolder(folder),
        clock,
        report,
        onWarning: (text) => log('warn', text),
        onDropped: (readings) => losses.drop(readings, 'no room'),
      });
      outbox.add(this.#held.entries.map(({ text }) => text));
      this.#held.cut(this.#heldSoFar);
      this.#state = { kind: 'open', outbox, letGo };
      report.settled();
      return 'open';
    } catch (error) {
      letGo();
      report.failed(error);
      throw new WasiError(
        'CLUSTER_UNAVAILABLE',
        `the outbox ${folder} cannot be read: ${String(error)}. Correct what is there, or its rights: it is tried again`,
        { cause: error },
      );
    }
  }

  /** What came while it could not be opened is not to be lost with the runtime. */
  async #openAtLast(): Promise<void> {
    const outcome = await this.#open(LAST_CLAIM_LIMIT_MS, undefined).catch(() => 'unreadable');
    if (outcome === 'open') return;
    this.#around.losses.drop(this.#held.entries.length, 'not kept');
    this.#held.cut(this.#heldSoFar);
  }
}

function secondRuntime(): WasiError {
  return new WasiError(
    'CONFIG_INVALID',
    'another wasi-runtime of this Node-RED takes part in the cluster already: let all nodes use one of them, and remove ' +
      'the other, or set [cluster] enabled = false in it',
  );
}
