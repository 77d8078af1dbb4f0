/**
 * Whether etcd still has the history that a reader knows. Two clusters that were set up with the same addresses and token
 * have the same cluster id, and one that was put back from a copy even has all ids of the one before. So the first node
 * that comes writes a random id to `store`, and a reader remembers, beside that and the revision, the last thing that was
 * written: `leader-renewed` most of the time, which has something random in it. Is the same still there, everything before
 * it is, too.
 */
import { randomBytes } from 'node:crypto';
import { asEtcdError } from './etcd/etcd-error';
import { type KeyValue, range, transact } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';
import { EVERYTHING, STORE_KEY } from './keys';
import { PagedReader } from './paged-reader';

/** Up to where a history is known, and by what it is recognized. */
export interface StoreCursor {
  readonly clusterId: string;
  /** undefined: it could neither be read nor written. */
  readonly storeId: string | undefined;
  readonly revision: bigint;
  /** What was written last of what is known; undefined: nothing was ever written. */
  readonly last: KeyValue | undefined;
}

/** A look at the store, whose values nobody has read yet. */
export interface StoreSight {
  readonly clusterId: string;
  readonly storeId: string | undefined;
  readonly revision: bigint;
  /** Of what was written last below the prefix. */
  readonly modRevision: bigint;
}

export interface SightOptions {
  readonly isSerializable?: boolean;
  readonly signal: AbortSignal;
}

const ID_BYTES = 16;
/** Somebody else may have written there. */
const MAX_ID_LENGTH = 64;
const ANEW = 'was set up anew';
const FROM_COPY = 'was put back from a copy';

export async function lookAtStore(member: EtcdMember, options: SightOptions): Promise<StoreSight> {
  const { isSerializable = false, signal } = options;
  const query = { ...EVERYTHING, limit: 1, isKeysOnly: true, newestFirst: true, isSerializable };
  const { clusterId, revision, entries } = await range(member, query, { signal });
  const pages = new PagedReader(member, { ...options, onTooLarge: () => undefined });
  const store = await pages.value(STORE_KEY, revision);
  const storeId = store && idOf(store);
  return { clusterId, storeId, revision, modRevision: entries[0]?.modRevision ?? 0n };
}

/** What happened to etcd; undefined where its history is the known one. `compacted` is thrown where etcd has forgotten it. */
export async function whatHappened(
  member: EtcdMember,
  { clusterId, storeId, revision, last }: StoreCursor,
  seen: StoreSight,
  { isSerializable = false, signal }: SightOptions,
): Promise<string | undefined> {
  if (seen.clusterId !== clusterId) return `${ANEW} (cluster id ${seen.clusterId} instead of ${clusterId})`;
  if (seen.storeId !== undefined && storeId !== undefined && seen.storeId !== storeId) {
    return `${ANEW} (store id ${seen.storeId} instead of ${storeId})`;
  }
  const happened = seen.storeId === undefined && storeId !== undefined ? `${ANEW} (no store id)` : FROM_COPY;
  const known = last !== undefined && last.modRevision > revision ? last.modRevision : revision;
  if (seen.revision < known) return `${happened}: its revision is ${seen.revision}, and was ${known}`;
  if (last === undefined) return undefined;
  const query = { key: last.key, revision: last.modRevision, isSerializable };
  const { entries } = await range(member, query, { signal });
  const [entry] = entries;
  if (entry?.modRevision === last.modRevision && entry.value === last.value) return undefined;
  return `${happened}: what it had written at revision ${last.modRevision} is something else`;
}

/** `known`: what it was, where it is known. Returns what it is now; undefined where it cannot be written. */
export async function writeStoreId(
  member: EtcdMember,
  known: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const value = known ?? randomBytes(ID_BYTES).toString('hex');
  const transaction = {
    compare: [{ key: STORE_KEY, modRevision: 0n }],
    success: [{ kind: 'put', key: STORE_KEY, value }] as const,
    failure: [{ kind: 'range', key: STORE_KEY }] as const,
  };
  try {
    const { succeeded, ranges } = await transact(member, transaction, { signal });
    const [there] = ranges[0] ?? [];
    return succeeded ? value : there && idOf(there);
  } catch (error) {
    const { kind } = asEtcdError(error);
    // Reading goes on without; it is tried again with the next watch.
    if (kind === 'no-space' || kind === 'denied' || kind === 'too-large') return undefined;
    throw error;
  }
}

/** Of the key `store`. */
export function idOf({ value }: KeyValue): string {
  return value.slice(0, MAX_ID_LENGTH);
}
