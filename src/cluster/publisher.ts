/**
 * Outbox → etcd, one transaction in flight: at once where nothing is, and with everything that came meanwhile in the next.
 * A transaction writes a batch and moves the node's cursor on, and only from where the cursor was last seen: however often
 * one is tried, at whatever member, each reading is in etcd once. What is acknowledged to the outbox is what the cursor says.
 *
 * Never gives up: it waits 0.1–5 s between tries, by chance a little more or less, so that nodes do not come all at once.
 * What etcd refuses for what it is would be refused again: it is made anew and smaller (transaction-size.ts). A reading that
 * is refused by itself is passed over, counted and told of, so that it does not keep the others.
 * `onState` tells when that begins and ends. `close` lets the transaction in flight end, for as long as a call may take.
 */

import { type Clock, pause } from '../platform/clock';
import { TokenBucket } from '../platform/token-bucket';
import type { Endpoints } from './endpoints';
import { asEtcdError, EtcdError } from './etcd/etcd-error';
import { type KeyValue, type Operation, range, type TransactionAnswer, transact } from './etcd/key-values';
import { type KeptBatch, KeptBatches, NO_DELETIONS } from './kept-batches';
import { batchKey, cursorKey, latestKey } from './keys';
import { LatestReadings } from './latest-readings';
import type { Batch, Outbox } from './outbox/outbox';
import { bytesOf, ownBatches } from './own-batches';
import { TransactionLimit } from './transaction-size';
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
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  random(): number;
  onState(state: PublisherState): void;
  onWarning(text: string): void;
  /** Readings that etcd refuses, whatever goes with them. */
  onRefused(readings: number): void;
}

/** Where the cursor stands in etcd. */
interface Cursor {
  /** 0: there is none yet. */
  readonly modRevision: bigint;
  readonly positions: Positions;
}

const LATEST_EVERY_MS = 10_000;
/** The newest readings of very many sensors go more seldom: they are written whole each time. */
const LATEST_BYTES_PER_SECOND = 4 * 2 ** 10;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5_000;
/** An election is over within seconds, and members without a leader answer at once. */
const MAX_WAIT_FOR_LEADER_MS = 500;
const MAX_DOUBLINGS = 6;
/** Where even what is smallest is refused: somebody has to change etcd's settings. */
/** More than an hour of ten sensors every five seconds (1.5 MB). */
const BURST_BYTES = 4 * 2 ** 20;
/** Some 300 readings a second; four nodes at once for ten minutes are some 150 MB, for a compaction every minute 16. */
const BYTES_PER_SECOND = 64 * 2 ** 10;
const WAIT_AFTER_REFUSAL_MS = 60_000;
/** Of other nodes with this one's name. */
const MAX_TOLD = 100;
/** What a lost leader took with it is asked anew, elsewhere, while its election goes on; a card's sync takes some 100 ms. */
const ANSWER_WITHIN_MS = 1_000;
/** And what is large has the time that a poor WLAN takes for it, 16 kB a second. */
const BYTES_PER_MS = 16;

export class Publisher {
  readonly #around: PublisherSurroundings;
  readonly #latest: LatestReadings;
  readonly #kept: KeptBatches;
  /**
   * How much this node may write: a day's backlog handed over at once would fill etcd's quota (64 MB) for everybody, since
   * what is deleted takes up room until etcd compacts.
   */
  readonly #bytes: TokenBucket;
  readonly #limit: TransactionLimit;
  /** How far this node asked etcd to move its cursor on, by epoch; whether it did may not be known. */
  readonly #asked = new Map<string, number>();
  readonly #toldOf = new Set<string>();
  /** Batches by key that may be in etcd, whose size need not be read: it was read, or they were handed over without an answer. */
  readonly #known = new Map<string, KeptBatch>();
  #cursor: Cursor | undefined;
  /** Transactions in a row that found the cursor elsewhere. */
  #misses = 0;
  #latestAt = Number.NEGATIVE_INFINITY;
  #state: PublisherState = { kind: 'opening' };
  #wake: () => void = () => undefined;
  #isWoken = false;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(around: PublisherSurroundings) {
    this.#around = around;
    this.#latest = new LatestReadings(around.node);
    this.#kept = new KeptBatches(around.node, around.clock);
    this.#bytes = new TokenBucket(BURST_BYTES, BYTES_PER_SECOND, () => around.clock.monotonic());
    this.#limit = new TransactionLimit(around.clock);
  }

  /** Publishes in the background until it is closed. */
  start(): void {
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
    const batch = await this.#around.outbox.next(this.#limit.size.readings, this.#limit.size.bytes);
    const first = batch?.entries[0];
    if (batch === undefined || first === undefined) return await this.#idle();
    const done = cursor.positions.find(([epoch]) => epoch === batch.epoch)?.[1] ?? 0;
    if (first.seq <= done) this.#around.outbox.acknowledge(batch.epoch, done);
    else await this.#commit(batch, cursor);
  }

  /** What etcd has of this node. */
  async #open(): Promise<Cursor> {
    const { endpoints, node, clock } = this.#around;
    const [cursor] = (await endpoints.ask((member) => range(member, { key: cursorKey(node) }))).entries;
    const [latest] = (await endpoints.ask((member) => range(member, { key: latestKey(node) }))).entries;
    for (const batch of this.#kept.all) this.#known.set(batchKey(node, batch.epoch, batch.first), batch);
    this.#kept.restore(await ownBatches(node, endpoints, clock, this.#known));
    this.#known.clear();
    if (latest !== undefined) this.#latest.restore(latest.value);
    const positions = positionsOf(cursor);
    for (const [epoch, seq] of positions) this.#around.outbox.acknowledge(epoch, seq);
    this.#cursor = { modRevision: cursor?.modRevision ?? 0n, positions };
    this.#succeed();
    return this.#cursor;
  }

  async #commit(batch: Batch, cursor: Cursor): Promise<void> {
    const { node, clock, outbox } = this.#around;
    const { epoch, entries } = batch;
    const first = entries[0]?.seq ?? 0;
    const last = entries.at(-1)?.seq ?? 0;
    const texts = entries.map(({ text }) => text);
    const waitMs = this.#bytes.borrow(texts.reduce((sum, { length }) => sum + length, 0));
    if (waitMs > 0) await clock.wait(waitMs, this.#ending.signal);
    for (const { seq, text } of entries) this.#latest.add(epoch, seq, text);
    const key = batchKey(node, epoch, first);
    const value = batchText(epoch, first, clock.now(), texts);
    const bytes = bytesOf(key, value);
    const { isBare, deletions: maxDeletions, latestBytes } = this.#limit.size;
    const isCheckpoint = !isBare && this.#isTimeForLatest(bytes);
    const deletions = isCheckpoint ? this.#kept.deletions(maxDeletions) : NO_DELETIONS;
    const writes: Operation[] = [{ kind: 'put', key, value }];
    // What `latest` holds makes older batches superfluous, so that they go with it and never before.
    if (isCheckpoint)
      writes.push({ kind: 'put', key: latestKey(node), value: this.#latest.value(clock.now(), latestBytes) });
    writes.push(...deletions.operations);
    this.#known.set(key, { epoch, first, bytes, at: clock.monotonic() });
    let answer: TransactionAnswer;
    try {
      answer = await this.#move(cursor, epoch, last, writes);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return await this.#afterRefusal(error, batch, isCheckpoint, cursor);
    }
    if (!answer.succeeded) return;
    this.#known.clear();
    this.#kept.forget(deletions.count);
    this.#kept.add(epoch, first, bytes);
    if (isCheckpoint) this.#latestAt = clock.monotonic();
    this.#limit.accepted();
    outbox.acknowledge(epoch, last);
    this.#succeed();
  }

  /** Moves the cursor on to `seq`, with `writes`; where it is elsewhere nothing is written, and it is looked for again. */
  async #move(cursor: Cursor, epoch: string, seq: number, writes: readonly Operation[]): Promise<TransactionAnswer> {
    const { node, endpoints } = this.#around;
    const key = cursorKey(node);
    const positions = advanced(cursor.positions, epoch, seq);
    const transaction = {
      compare: [{ key, modRevision: cursor.modRevision }],
      success: [...writes, { kind: 'put', key, value: positionsText(positions) }] as const,
      failure: [{ kind: 'range', key }] as const,
    };
    this.#asked.set(epoch, Math.max(seq, this.#asked.get(epoch) ?? 0));
    const options = { deadlineMs: ANSWER_WITHIN_MS + sizeOf(writes) / BYTES_PER_MS };
    const answer = await endpoints.ask((member) => transact(member, transaction, options));
    if (answer.succeeded) this.#cursor = { modRevision: answer.revision, positions };
    else this.#lookAgain(cursor, positionsOf(answer.ranges[0]?.[0]));
    return answer;
  }

  /** What was refused is not tried again as it was. */
  async #afterRefusal(error: EtcdError, batch: Batch, hasMore: boolean, cursor: Cursor): Promise<void> {
    const { onWarning, onRefused, outbox } = this.#around;
    const { epoch, entries } = batch;
    const { next, isFirst } = this.#limit.refused({ readings: entries.length, hasMore });
    if (isFirst)
      onWarning(
        `etcd refuses a transaction of this node for what it is (${error.message}); it is made anew and smaller. If its ` +
          '--max-txn-ops or --max-request-bytes were set below their defaults, set them higher',
      );
    this.#cursor = undefined;
    const [only] = entries;
    if (next === 'smaller' || only === undefined) return;
    // One reading by itself: if etcd takes the cursor's move without it, it is the reading that cannot be stored.
    if (!(await this.#move(cursor, epoch, only.seq, [])).succeeded) return;
    onRefused(1);
    outbox.acknowledge(epoch, only.seq);
    this.#succeed();
  }

  /** The cursor is elsewhere: an answer was lost, etcd was restored from a copy, or another node has this one's name. */
  #lookAgain(before: Cursor, found: Positions): void {
    this.#cursor = undefined;
    if (before.modRevision === 0n) return;
    const { node, onWarning } = this.#around;
    const others = found.filter((position) => this.#isOfAnother(before, position)).map(([epoch]) => epoch);
    const isNews = others.some((epoch) => !this.#toldOf.has(epoch));
    if (!isNews || this.#toldOf.size >= MAX_TOLD) return;
    for (const epoch of others) this.#toldOf.add(epoch);
    onWarning(
      `another node publishes readings as "${node}": give each node its own [cluster] node_id in host.toml, or readings ` +
        'of both are mixed up',
    );
  }

  /** An epoch that is none of this node's outbox went on, and not by what this node asked for. */
  #isOfAnother(before: Cursor, [epoch, seq]: readonly [epoch: string, seq: number]): boolean {
    const known = before.positions.find(([one]) => one === epoch)?.[1] ?? 0;
    return !this.#around.outbox.has(epoch) && seq > Math.max(known, this.#asked.get(epoch) ?? 0);
  }

  #succeed(): void {
    if (this.#state.kind !== 'publishing') this.#enter({ kind: 'publishing' });
  }

  /** `bytes`: of the batch that is to be written. */
  #isTimeForLatest(bytes: number): boolean {
    const everyMs = Math.max(LATEST_EVERY_MS, (this.#latest.bytes / LATEST_BYTES_PER_SECOND) * 1_000);
    return this.#kept.isFullWith(bytes) || this.#around.clock.monotonic() - this.#latestAt >= everyMs;
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
    const waitMs = isRefusal(fault)
      ? WAIT_AFTER_REFUSAL_MS
      : Math.min(longestMs, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));
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

/** etcd would refuse the same again. */
function isRefusal(error: unknown): error is EtcdError {
  return error instanceof EtcdError && error.kind === 'invalid';
}

function sizeOf(writes: readonly Operation[]): number {
  return writes.reduce((sum, write) => sum + (write.kind === 'put' ? write.value.length : 0), 0);
}
