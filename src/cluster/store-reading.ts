/**
 * The cluster's keys as they are at one revision: whole, for a reader who knows nothing, or what has changed since a
 * revision, for one who was away. First who there is, then the batches of one node after the other, a page at a time.
 *
 * A publisher takes old batches away, also while a reader is away. What etcd still remembers of its past is read there:
 * where the number of batches is less than what was written since, the time in between is halved, until each piece of it is
 * complete. What nobody remembers is left to the newest readings of the node. Throws EtcdError; `compacted` where that
 * overtakes it: begin again.
 */
import { asEtcdError } from './etcd/etcd-error';
import { type Keys, type KeyValue, under } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';
import type { ForeignKeys } from './foreign-keys';
import {
  batchesOf,
  cursorKey,
  type KeyMeaning,
  latestKey,
  meaningOf,
  presenceKey,
  RENEWED_KEY,
  STORE_KEY,
} from './keys';
import { PagedReader, type PagedReaderOptions } from './paged-reader';

export interface StoreReader {
  /** Every cursor and every presence. */
  onSnapshot(entries: readonly KeyValue[]): void;
  /** Before the batches of a node, where some may be gone. `latest`, and the names of the batches that there are, by then. */
  onLatest(node: string, latest: KeyValue, batches: readonly KeyValue[]): Promise<void>;
  /** Of one node, in the order they were written. */
  onBatches(node: string, batches: readonly KeyValue[]): Promise<void>;
}

export interface StoreReadingOptions extends Pick<PagedReaderOptions, 'isSerializable' | 'signal'> {
  /** Its batches are left out. */
  readonly node: string;
  readonly reader: StoreReader;
  readonly foreign: ForeignKeys;
  /** As the store was then. */
  readonly revision: bigint;
  /** Of which everything is known already; undefined: nothing is. */
  readonly since: bigint | undefined;
}

/** What is known of a node's batches: the ones up to `revision`, when `cursor` was its cursor. */
interface Mark {
  readonly revision: bigint;
  /** undefined: there was none. */
  readonly cursor: KeyValue | undefined;
}

/** Returns what was written last, as far as it was read. */
export async function readStore(member: EtcdMember, options: StoreReadingOptions): Promise<KeyValue | undefined> {
  return await new StoreReading(member, options).read();
}

class StoreReading {
  readonly #pages: PagedReader;
  #last: KeyValue | undefined;

  constructor(
    member: EtcdMember,
    readonly options: StoreReadingOptions,
  ) {
    const onTooLarge = (key: string) => options.foreign.passOver(key);
    this.#pages = new PagedReader(member, { ...options, onTooLarge });
  }

  async read(): Promise<KeyValue | undefined> {
    const { node: own, reader, revision, since, foreign } = this.options;
    const before = since === undefined ? [] : await this.#all('cursor', under(cursorKey('')), since);
    const cursors = await this.#all('cursor', under(cursorKey('')), revision);
    const presences = await this.#all('presence', under(presenceKey('')), revision);
    reader.onSnapshot([...cursors, ...presences]);
    for (const key of [STORE_KEY, RENEWED_KEY]) this.#note(await this.#pages.value(key, revision));
    for (const cursor of cursors) {
      const meaning = meaningOf(cursor.key);
      if (meaning.kind !== 'cursor' || meaning.node === own || cursor.modRevision <= (since ?? 0n)) continue;
      const known = before.find(({ key }) => key === cursor.key);
      const from = since === undefined ? undefined : { revision: since, cursor: known };
      await this.#batches(meaning.node, from, { revision, cursor });
    }
    if (since === undefined) await foreign.count(this.#pages, revision);
    return this.#last;
  }

  /** `from`: undefined where nothing is known. */
  async #batches(node: string, from: Mark | undefined, to: Mark): Promise<void> {
    const keys = under(batchesOf(node));
    const names = await this.#names('batch', keys, to.revision, from === undefined ? undefined : from.revision + 1n);
    const isComplete = from !== undefined && names.length >= written(from, to);
    if (from !== undefined && !isComplete && (await this.#inHalves(node, from, to))) return;
    if (!isComplete) {
      const latest = await this.#pages.value(latestKey(node), to.revision);
      if (latest !== undefined) await this.options.reader.onLatest(node, latest, names);
    }
    for (const alike of byEpoch([...names].sort(byRevision))) {
      for await (const page of this.#pages.values(alike, to.revision)) await this.options.reader.onBatches(node, page);
    }
  }

  /** False where there is nothing to halve, or it is no longer remembered. */
  async #inHalves(node: string, from: Mark, to: Mark): Promise<boolean> {
    const revision = (from.revision + to.revision) / 2n;
    if (revision <= from.revision) return false;
    let cursor: KeyValue | undefined;
    try {
      cursor = await this.#pages.value(cursorKey(node), revision);
    } catch (error) {
      if (asEtcdError(error).kind !== 'compacted') throw error;
      return false;
    }
    const middle = { revision, cursor };
    await this.#batches(node, from, middle);
    await this.#batches(node, middle, to);
    return true;
  }

  /** With their values. */
  async #all(kind: KeyMeaning['kind'], keys: Required<Keys>, revision: bigint): Promise<readonly KeyValue[]> {
    const names = await this.#names(kind, keys, revision);
    const entries: KeyValue[] = [];
    for await (const page of this.#pages.values(
      names.map(({ key }) => key),
      revision,
    )) {
      for (const entry of page) this.#note(entry);
      entries.push(...page);
    }
    return entries;
  }

  async #names(
    kind: KeyMeaning['kind'],
    keys: Required<Keys>,
    revision: bigint,
    changedSince?: bigint,
  ): Promise<readonly KeyValue[]> {
    const names = await this.#pages.names(keys, revision, changedSince);
    const ours = names.filter(({ key }) => meaningOf(key).kind === kind);
    if (changedSince === undefined) this.options.foreign.among(names);
    return ours;
  }

  #note(entry: KeyValue | undefined): void {
    if (entry !== undefined && entry.modRevision > (this.#last?.modRevision ?? 0n)) this.#last = entry;
  }
}

/** How many batches were written in between: a cursor is written with each. */
function written(from: Mark, to: Mark): number {
  if (to.cursor === undefined) return 0;
  const isSame = from.cursor?.createRevision === to.cursor.createRevision;
  return Number(to.cursor.version - (isSame ? (from.cursor?.version ?? 0n) : 0n));
}

/** Names that follow each other in the order they were written, and are in the order of their names. */
function* byEpoch(names: readonly KeyValue[]): Generator<readonly string[]> {
  let alike: string[] = [];
  for (const { key } of names) {
    const last = alike.at(-1);
    if (last !== undefined && last >= key) {
      yield alike;
      alike = [];
    }
    alike.push(key);
  }
  if (alike.length > 0) yield alike;
}

function byRevision(a: KeyValue, b: KeyValue): number {
  return a.modRevision < b.modRevision ? -1 : Number(a.modRevision > b.modRevision);
}
