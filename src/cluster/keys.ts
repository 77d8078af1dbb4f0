/**
 * The keys of the cluster in etcd, all below one prefix, so that one watch tells everything and one role can be granted it:
 *
 *   latest/<node>                        newest reading of each of its sensors, every ten seconds or more seldom
 *   readings/<node>/<epoch>-<seq>        a batch of readings, written once; the last half hour
 *   cursor/<node>                        which readings of the node are in etcd: what makes publishing idempotent
 *   nodes/<node>                         under a lease: the node is there, in what role
 *   duplicates/<node>/<instance>         under a lease: another node has the name of one that was there before it
 *   leader, leader-renewed               who may do what only one may do, and that it still does
 *   store                                a random id, written once: another one is another history (store-identity.ts)
 *   wants-leader/<node>                  under a lease: the preferred leader, once it has been healthy for a while
 */
import type { Keys } from './etcd/key-values';
import { under } from './etcd/key-values';

export const PREFIX = '/edge-wasi/v1/';
export const EVERYTHING: Required<Keys> = under(PREFIX);
export const LEADER_KEY = `${PREFIX}leader`;
export const RENEWED_KEY = `${PREFIX}leader-renewed`;
export const STORE_KEY = `${PREFIX}store`;
export const BATCHES = `${PREFIX}readings/`;

/** What a key is about; `node` as it is called, not as it is written in the key. */
export type KeyMeaning =
  | { readonly kind: 'latest' | 'cursor' | 'presence' | 'wants-leader'; readonly node: string }
  | { readonly kind: 'batch'; readonly node: string; readonly epoch: string; readonly first: number }
  | { readonly kind: 'duplicate'; readonly node: string; readonly instance: string }
  | { readonly kind: 'leader' | 'renewed' | 'store' | 'foreign' };

const KINDS = { latest: 'latest', cursor: 'cursor', nodes: 'presence', 'wants-leader': 'wants-leader' } as const;
const SEQUENCE_DIGITS = 16;
const BATCH = /^([0-9a-f]{1,32})-(\d{16})$/;
const FOREIGN: KeyMeaning = { kind: 'foreign' };

export function latestKey(node: string): string {
  return `${PREFIX}latest/${encodeURIComponent(node)}`;
}

export function cursorKey(node: string): string {
  return `${PREFIX}cursor/${encodeURIComponent(node)}`;
}

export function presenceKey(node: string): string {
  return `${PREFIX}nodes/${encodeURIComponent(node)}`;
}

export function wantsLeaderKey(node: string): string {
  return `${PREFIX}wants-leader/${encodeURIComponent(node)}`;
}

export function duplicatesOf(node: string): string {
  return `${PREFIX}duplicates/${encodeURIComponent(node)}/`;
}

export function duplicateKey(node: string, instance: string): string {
  return `${duplicatesOf(node)}${instance}`;
}

export function batchesOf(node: string): string {
  return `${BATCHES}${encodeURIComponent(node)}/`;
}

export function batchKey(node: string, epoch: string, first: number): string {
  return `${batchesOf(node)}${epoch}-${String(first).padStart(SEQUENCE_DIGITS, '0')}`;
}

export function meaningOf(key: string): KeyMeaning {
  if (key === LEADER_KEY) return { kind: 'leader' };
  if (key === RENEWED_KEY) return { kind: 'renewed' };
  if (key === STORE_KEY) return { kind: 'store' };
  const [kind, written, place, ...more] = key.slice(PREFIX.length).split('/');
  const node = written === undefined ? undefined : decoded(written);
  if (!key.startsWith(PREFIX) || node === undefined || more.length > 0) return FOREIGN;
  if (kind === 'duplicates') return place ? { kind: 'duplicate', node, instance: place } : FOREIGN;
  if (kind === 'readings') return batchMeaning(node, place ?? '');
  const known = Object.entries(KINDS).find(([name]) => name === kind)?.[1];
  return known === undefined || place !== undefined ? FOREIGN : { kind: known, node };
}

function batchMeaning(node: string, place: string): KeyMeaning {
  const [, epoch, first] = BATCH.exec(place) ?? [];
  return epoch === undefined ? FOREIGN : { kind: 'batch', node, epoch, first: Number(first) };
}

function decoded(written: string): string | undefined {
  try {
    return written === '' ? undefined : decodeURIComponent(written);
  } catch {
    return undefined;
  }
}
