/**
 * Outbox → etcd, one transaction in flight: at once where nothing is, and with everything that came meanwhile in the next.
 * A transaction writes a batch and moves the node's cursor on, and only from where the cursor was last seen: however often
 * one is tried, at whatever member, each reading is in etcd once. What is acknowledged to the outbox is what the cursor says.
 *
 * Never gives up: it waits 0.1–5 s between tries, by chance a little more or less, so that nodes do not come all at once.
 * `onState` tells when that begins and ends. `close` lets the transaction in flight end, for as long as a call may take.
 */
import { type ClusterClock, pause } from './clock';
import type { Endpoints } from './endpoints';
import { asEtcdError, type EtcdError } from './etcd/etcd-error';
import { type KeyValue, type Operation, range, transact, under } from './etcd/key-values';
import { KeptBatches } from './kept-batches';
import { batchesOf, batchKey, cursorKey, latestKey } from './keys';
import { LatestReadings } from './latest-readings';
import type { Batch, Outbox } from './outbox/outbox';
import { Pace } from './pace';
import { advanced, batchText, type Positions, parsePositions, positionsText } from './wire';

export type PublisherState =
  | { readonly kind: 'opening' }
  /** Everything is with etcd, or on its way. */
  | { readonly kind: 'publishing' }
  | { readonly kind: 'failing'; readonly fault: EtcdError; readonly failures: number }
  | { readonly kind: 'closed' };

export interface PublisherSurroundings {
  readonly node: string;
  readonly outbox: Outbox;
  readonly endpoints: Endpoints;
  readonly clock: ClusterClock;
  /** 0 ≤ x < 1. */
  random(): number;
  onState(state: PublisherState): void;
  onWarning(text: string): void;
}

/** Where the cursor stands in etcd. */
interface Cursor {
  /** 0: there is none yet. */
  readonly modRevision: bigint;
  readonly positions: Positions;
}

const MAX_BATCH_READINGS = 500;
const MAX_BATCH_BYTES = 96 * 2 ** 10;
const LATEST_EVERY_MS = 10_000;
/** The newest readings of very many sensors go more seldom: they are written whole each time. */
const LATEST_BYTES_PER_SECOND = 4 * 2 ** 10;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5_000;
/** An election is over within seconds, and members without a leader answer at once. */
const MAX_WAIT_FOR_LEADER_MS = 500;
const MAX_DOUBLINGS = 6;
/** What a lost leader took with it is asked anew, elsewhere, while its election goes on; a card's sync takes some 100 ms. */
const ANSWER_WITHIN_MS = 1_000;
/** And what is large has the time that a poor WLAN takes for it, 16 kB a second. */
const BYTES_PER_MS = 16;

export class Publisher {
  readonly #around: PublisherSurroundings;
  readonly #latest: LatestReadings;
  readonly #kept: KeptBatches;
  readonly #pace: Pace;
  #cursor: Cursor | undefined;
  /** Transactions in a row that found the cursor elsewhere. */
  #misses = 0;
  #latestAt = Number.NEGATIVE_INFINITY;
  #state: PublisherState = { kind: 'opening' };
  #wake: () => void = () => undefined;
  #isWoken = false;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(around: PublisherSurroundings) {
    this.#around = around;
    this.#latest = new LatestReadings(around.node);
    this.#kept = new KeptBatches(around.node, around.clock);
    this.#pace = new Pace(around.clock);
    this.#running = this.#run();
  }

  get state(): PublisherState {
    return this.#state;
  }

  /** There is something in the outbox. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await this.#step();
        this.#misses = this.#cursor === undefined ? this.#misses + 1 : 0;
        if (this.#misses > 0) await this.#afterMiss();
      } catch (error) {
        if (!this.#ending.signal.aborted) await this.#afterFault(error);
      }
    }
    this.#enter({ kind: 'closed' });
  }

  /** At once it would be thousands of times a second where the cursor is never what it was said to be. */
  async #afterMiss(): Promise<void> {
    const { clock, random } = this.#around;
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#misses - 1, MAX_DOUBLINGS));
    await pause(clock, waitMs * (0.5 + random() / 2), this.#ending.signal);
  }

  async #step(): Promise<void> {
    const cursor = this.#cursor ?? (await this.#open());
    const batch = await this.#around.outbox.next(MAX_BATCH_READINGS, MAX_BATCH_BYTES);
    const first = batch?.entries[0];
    if (batch === undefined || first === undefined) return await this.#idle();
    const done = cursor.positions.find(([epoch]) => epoch === batch.epoch)?.[1] ?? 0;
    if (first.seq <= done) this.#around.outbox.acknowledge(batch.epoch, done);
    else await this.#commit(batch, cursor);
  }

  /** What etcd has of this node. */
  async #open(): Promise<Cursor> {
    const { endpoints, node } = this.#around;
    const [cursor] = (await endpoints.ask((member) => range(member, { key: cursorKey(node) }))).entries;
    const [latest] = (await endpoints.ask((member) => range(member, { key: latestKey(node) }))).entries;
    const query = { ...under(batchesOf(node)), isKeysOnly: true, newestFirst: true };
    const batches = await endpoints.ask((member) => range(member, query));
    if (latest !== undefined) this.#latest.restore(latest.value);
    this.#kept.restore(batches.entries.map(({ key }) => key).reverse());
    const positions = positionsOf(cursor);
    for (const [epoch, seq] of positions) this.#around.outbox.acknowledge(epoch, seq);
    this.#cursor = { modRevision: cursor?.modRevision ?? 0n, positions };
    this.#succeed();
    return this.#cursor;
  }

  async #commit({ epoch, entries }: Batch, cursor: Cursor): Promise<void> {
    const { node, clock, endpoints, outbox } = this.#around;
    const first = entries[0]?.seq ?? 0;
    const last = entries.at(-1)?.seq ?? 0;
    const texts = entries.map(({ text }) => text);
    const waitMs = this.#pace.take(texts.reduce((sum, { length }) => sum + length, 0));
    if (waitMs > 0) await clock.wait(waitMs, this.#ending.signal);
    for (const { seq, text } of entries) this.#latest.add(epoch, seq, text);
    const positions = advanced(cursor.positions, epoch, last);
    const isCheckpoint = this.#isTimeForLatest();
    const superfluous = isCheckpoint ? this.#kept.superfluous() : 0;
    const value = batchText(epoch, first, clock.now(), texts);
    const writes: Operation[] = [
      { kind: 'put', key: batchKey(node, epoch, first), value },
      { kind: 'put', key: cursorKey(node), value: positionsText(positions) },
    ];
    // What `latest` holds makes older batches superfluous, so that they go with it and never before.
    if (isCheckpoint) writes.push({ kind: 'put', key: latestKey(node), value: this.#latest.value(clock.now()) });
    writes.push(...this.#kept.deletions(superfluous));
    const transaction = {
      compare: [{ key: cursorKey(node), modRevision: cursor.modRevision }],
      success: writes,
      failure: [{ kind: 'range', key: cursorKey(node) }] as const,
    };
    const options = { deadlineMs: ANSWER_WITHIN_MS + bytesOf(writes) / BYTES_PER_MS };
    const answer = await endpoints.ask((member) => transact(member, transaction, options));
    if (!answer.succeeded) return this.#lookAgain(cursor, positionsOf(answer.ranges[0]?.[0]));
    this.#cursor = { modRevision: answer.revision, positions };
    this.#kept.forget(superfluous);
    this.#kept.add(epoch, first, value.length);
    if (isCheckpoint) this.#latestAt = clock.monotonic();
    outbox.acknowledge(epoch, last);
    this.#succeed();
  }

  /** The cursor is elsewhere: an answer was lost, etcd was restored from a copy, or another node has this one's name. */
  #lookAgain(before: Cursor, found: Positions): void {
    this.#cursor = undefined;
    const { outbox, node, onWarning } = this.#around;
    const isKnown = (epoch: string) => epoch === outbox.epoch || before.positions.some(([known]) => known === epoch);
    if (before.modRevision === 0n || found.every(([epoch]) => isKnown(epoch))) return;
    onWarning(
      `another node publishes readings as "${node}": give each node its own [cluster] node_id in host.toml, or readings ` +
        'of both are mixed up',
    );
  }

  #succeed(): void {
    if (this.#state.kind !== 'publishing') this.#enter({ kind: 'publishing' });
  }

  #isTimeForLatest(): boolean {
    const everyMs = Math.max(LATEST_EVERY_MS, (this.#latest.bytes / LATEST_BYTES_PER_SECOND) * 1_000);
    return this.#kept.isFull || this.#around.clock.monotonic() - this.#latestAt >= everyMs;
  }

  async #idle(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#isWoken = false;
  }

  async #afterFault(error: unknown): Promise<void> {
    const { clock, random } = this.#around;
    const fault = asEtcdError(error);
    const failures = this.#state.kind === 'failing' ? this.#state.failures + 1 : 1;
    this.#enter({ kind: 'failing', fault, failures });
    const longestMs = fault.kind === 'no-leader' ? MAX_WAIT_FOR_LEADER_MS : MAX_WAIT_MS;
    const waitMs = Math.min(longestMs, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));
    await pause(clock, waitMs * (0.5 + random() / 2), this.#ending.signal);
  }

  #enter(state: PublisherState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}

function positionsOf(cursor: KeyValue | undefined): Positions {
  return (cursor && parsePositions(cursor.value)) ?? [];
}

function bytesOf(writes: readonly Operation[]): number {
  return writes.reduce((sum, write) => sum + (write.kind === 'put' ? write.value.length : 0), 0);
}
