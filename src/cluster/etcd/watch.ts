/**
 * The changes of some keys from a revision on, in order, in pieces of some 2 MB at most. A piece is decoded with breaks, so
 * that nothing else waits for it. Ends with an error, or `closed` by the signal: a watch is never over. `compacted` where the revision is no longer kept. To go on
 * after an interruption: from the last revision seen plus one, at whatever member.
 *
 * A member that is cut off from the leader ends the watch (`no-leader`), after some ten seconds; one whose connection is
 * dead says nothing at all. Whoever watches must look for itself when it is silent.
 */
import { LoopBreaks } from '../../readings/loop-breaks';
import { EtcdError } from './etcd-error';
import { base64, int64, type Json, object, objects, text, yes } from './json-fields';
import { type Keys, type KeyValue, keyValue } from './key-values';
import type { EtcdMember, StreamCallOptions } from './member';

export type Change =
  | { readonly kind: 'put'; readonly entry: KeyValue }
  | { readonly kind: 'delete'; readonly key: string; readonly modRevision: bigint };

export interface WatchOptions extends Keys {
  readonly fromRevision: bigint;
  readonly signal?: AbortSignal | undefined;
  /** How long opening it may take. */
  readonly deadlineMs?: number;
  /** It watches from now on; what was before has not been told yet. */
  onCreated?(): void;
  /** `revision`: everything up to it has been told; the last changes may be the begin of a transaction, and beyond it. What comes next waits until this has come back. */
  onChanges(changes: readonly Change[], revision: bigint): void | Promise<void>;
}

/** Characters; some 1 ms on a PC. Most pieces are smaller. */
const DECODED_AT_ONCE = 128 * 2 ** 10;

export async function watch(member: EtcdMember, options: WatchOptions): Promise<never> {
  const { key, end, fromRevision, signal, deadlineMs } = options;
  const create = {
    key: base64(key),
    ...(end === undefined ? {} : { range_end: base64(end) }),
    start_revision: fromRevision.toString(),
    progress_notify: true,
    // Else everything since `fromRevision`, up to a thousand revisions, is one line.
    fragment: true,
  };
  const call: StreamCallOptions = { signal, deadlineMs, isEndless: true };
  await member.stream('/v3/watch', { create_request: create }, (result) => tell(member, result, options), call);
  throw new EtcdError('unreachable', member.endpoint, `etcd at ${member.endpoint}: the watch was ended`);
}

async function tell(member: EtcdMember, result: Json, { onCreated, onChanges }: WatchOptions): Promise<void> {
  if (yes(result, 'canceled')) throw cancelled(member, result);
  if (yes(result, 'created')) return onCreated?.();
  const changes: Change[] = [];
  const breaks = new LoopBreaks();
  let decoded = 0;
  for (const event of objects(result, 'events')) {
    const one = change(event);
    changes.push(one);
    decoded += one.kind === 'put' ? one.entry.value.length : 0;
    if (decoded < DECODED_AT_ONCE) continue;
    await breaks.pause();
    decoded = 0;
  }
  await onChanges(changes, toldUpTo(changes, result));
}

/**
 * While a watch catches up, the header's revision is the store's, ahead of what is told; with no events it is meant so. A
 * fragment that is not the last may end within a transaction.
 */
function toldUpTo(changes: readonly Change[], result: Json): bigint {
  const last = changes.at(-1);
  if (last === undefined) return yes(result, 'fragment') ? 0n : int64(object(result, 'header'), 'revision');
  const { modRevision } = last.kind === 'put' ? last.entry : last;
  return yes(result, 'fragment') ? modRevision - 1n : modRevision;
}

/** Of a refused watch etcd tells the reason as text alone (server/etcdserver/api/v3rpc/watch.go, isWatchPermitted). */
function cancelled(member: EtcdMember, result: Json): EtcdError {
  const at = `etcd at ${member.endpoint}: `;
  const compacted = int64(result, 'compact_revision');
  if (compacted > 0n) {
    return new EtcdError('compacted', member.endpoint, `${at}what changed before revision ${compacted} is compacted`);
  }
  const reason = text(result, 'cancel_reason');
  if (/PermissionDenied|permission denied/.test(reason)) return new EtcdError('denied', member.endpoint, at + reason);
  return new EtcdError('unreachable', member.endpoint, `${at}the watch was cancelled: ${reason || 'no reason given'}`);
}

function change(event: Json): Change {
  const entry = keyValue(object(event, 'kv'));
  if (text(event, 'type') === 'DELETE') return { kind: 'delete', key: entry.key, modRevision: entry.modRevision };
  return { kind: 'put', entry };
}
