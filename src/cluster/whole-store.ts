/**
 * The cluster's keys as they are at one revision, for a reader who knows nothing, or whose past etcd has compacted: first
 * everything but the batches, then the batches of one node after the other, so that no more than one node's (some 2 MB)
 * are in memory at once. Throws EtcdError; `compacted` where that overtakes it: begin again.
 */

import { type Keys, type KeyValue, range, under } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';
import { BATCHES, batchesOf, EVERYTHING, meaningOf } from './keys';

export interface StoreReader {
  /** Everything that is no batch. */
  onSnapshot(entries: readonly KeyValue[]): void;
  /** Of one node, in the order they were written; `latest` as it was then. */
  onBatches(node: string, batches: readonly KeyValue[], latest: KeyValue | undefined): Promise<void>;
}

const FIRST_PAGE_KEYS = 8;
const MAX_PAGE_KEYS = 128;
/** A page is parsed in one turn of Node-RED's loop: 1–2 ms on a PC. Batches have up to 96 KB. */
const PAGE_CHARS = 256 * 2 ** 10;
/** A page of large batches, to a Pi Zero over its WLAN. */
const PAGE_DEADLINE_MS = 10_000;

/** Returns the revision of what it read. `skipBatchesOf`: the own ones. */
export async function readWholeStore(
  member: EtcdMember,
  skipBatchesOf: string,
  reader: StoreReader,
  signal: AbortSignal,
): Promise<bigint> {
  const { end: afterBatches } = under(BATCHES);
  const before = await readPages(member, { key: EVERYTHING.key, end: BATCHES }, undefined, signal);
  const after = await readPages(member, { key: afterBatches, end: EVERYTHING.end }, before.revision, signal);
  const entries = [...before.entries, ...after.entries];
  reader.onSnapshot(entries);
  for (const entry of entries) {
    const meaning = meaningOf(entry.key);
    if (meaning.kind !== 'cursor' || meaning.node === skipBatchesOf) continue;
    const { node } = meaning;
    const batches = await readPages(member, under(batchesOf(node)), before.revision, signal);
    const latest = entries.find(({ key }) => {
      const other = meaningOf(key);
      return other.kind === 'latest' && other.node === node;
    });
    await reader.onBatches(node, [...batches.entries].sort(byRevision), latest);
  }
  return before.revision;
}

async function readPages(
  member: EtcdMember,
  keys: Required<Keys>,
  atRevision: bigint | undefined,
  signal: AbortSignal,
): Promise<{ readonly revision: bigint; readonly entries: readonly KeyValue[] }> {
  const entries: KeyValue[] = [];
  let revision = atRevision;
  let limit = FIRST_PAGE_KEYS;
  for (let from = keys.key; ; from = `${entries.at(-1)?.key}\0`) {
    const query = { key: from, end: keys.end, limit, ...(revision === undefined ? {} : { revision }) };
    const page = await range(member, query, { deadlineMs: PAGE_DEADLINE_MS, signal });
    revision ??= page.revision;
    entries.push(...page.entries);
    limit = likePage(page.entries);
    if (!page.isMore || page.entries.length === 0) return { revision, entries };
  }
}

/** How many keys of that size make a page. */
function likePage(entries: readonly KeyValue[]): number {
  const chars = entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  return Math.max(1, Math.min(MAX_PAGE_KEYS, Math.floor((PAGE_CHARS * entries.length) / Math.max(1, chars))));
}

function byRevision(a: KeyValue, b: KeyValue): number {
  return a.modRevision < b.modRevision ? -1 : Number(a.modRevision > b.modRevision);
}
