/**
 * Reading and writing keys at one member: range, put, delete, transaction, compaction. Keys and values are UTF-8 text here
 * and base64 on the way. A request may hold 1.5 MB, a transaction 128 operations (etcd's own limits).
 */
import { base64, bytes, id, int64, type Json, object, objects, positive, WrongField, yes } from './json-fields';
import type { CallOptions, EtcdMember } from './member';
import { responsesTo } from './responses';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** 0 for a deleted key. */
  readonly version: bigint;
  /** "0": none. */
  readonly lease: string;
}

/** A key alone, or `key` ≤ k < `end`. */
export interface Keys {
  readonly key: string;
  readonly end?: string;
}

export interface RangeQuery extends Keys {
  readonly limit?: number;
  readonly revision?: bigint;
  /** What was changed before it is left out. */
  readonly changedSince?: bigint;
  /** As this member knows it, which may be behind. */
  readonly isSerializable?: boolean;
  readonly isKeysOnly?: boolean;
  /** In the order of their last change; else of their names. */
  readonly newestFirst?: boolean;
}

export interface RangeAnswer {
  /** The whole store's, when this was read. */
  readonly revision: bigint;
  /** Of the cluster: another one was made anew. */
  readonly clusterId: string;
  readonly entries: readonly KeyValue[];
  readonly isMore: boolean;
}

export interface Compare {
  readonly key: string;
  /** 0: the key is not there. */
  readonly modRevision: bigint;
}

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly lease?: string }
  | ({ readonly kind: 'delete' } & Keys)
  | ({ readonly kind: 'range' } & RangeQuery);

export interface Transaction {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure?: readonly Operation[];
}

export interface TransactionAnswer {
  readonly succeeded: boolean;
  /** Of the store afterwards: what the transaction wrote has it as its modRevision. */
  readonly revision: bigint;
  /** Of the range operations, in their order. */
  readonly ranges: readonly (readonly KeyValue[])[];
}

const RESPONSES: Readonly<Record<Operation['kind'], string>> = {
  put: 'put',
  delete: 'delete_range',
  range: 'range',
};

/** Every key that begins with `prefix`, which is not empty: its last character counted one up. */
export function under(prefix: string): Required<Keys> {
  const last = prefix.length - 1;
  return { key: prefix, end: prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1) };
}

export async function range(member: EtcdMember, query: RangeQuery, options: CallOptions = {}): Promise<RangeAnswer> {
  const isLocal = query.isSerializable === true;
  return await member.ask('/v3/kv/range', rangeBody(query), rangeAnswer, { ...options, isLocal });
}

/** Returns the revision it has. */
export async function put(
  member: EtcdMember,
  entry: { readonly key: string; readonly value: string; readonly lease?: string },
  options: CallOptions = {},
): Promise<bigint> {
  return await member.ask('/v3/kv/put', putBody(entry), revisionOf, options);
}

/** Returns how many there were. */
export async function deleteRange(member: EtcdMember, keys: Keys, options: CallOptions = {}): Promise<bigint> {
  return await member.ask('/v3/kv/deleterange', keysBody(keys), (answer) => int64(answer, 'deleted'), options);
}

export async function transact(
  member: EtcdMember,
  { compare, success, failure = [] }: Transaction,
  options: CallOptions = {},
): Promise<TransactionAnswer> {
  const body = {
    compare: compare.map(compareBody),
    success: success.map(operationBody),
    failure: failure.map(operationBody),
  };
  const read = (answer: Json): TransactionAnswer => {
    const succeeded = yes(answer, 'succeeded');
    const done = succeeded ? success : failure;
    const responses = responsesTo(
      done.map(({ kind }) => RESPONSES[kind]),
      objects(answer, 'responses'),
    );
    const ranges = responses.filter((_, i) => done[i]?.kind === 'range').map((response) => entriesOf(response));
    return { succeeded, revision: revisionOf(answer), ranges };
  };
  return await member.ask('/v3/kv/txn', body, read, options);
}

/** What changed before `revision` is forgotten; keys as they are now stay. `physical`: this member has freed it when it answers. */
export async function compact(
  member: EtcdMember,
  revision: bigint,
  options: CallOptions & { readonly physical?: boolean } = {},
): Promise<void> {
  const physical = options.physical ? { physical: true } : {};
  await member.call('/v3/kv/compaction', { revision: revision.toString(), ...physical }, options);
}

/** Of a deleted key there is no more than its name and when that was. */
export function keyValue(json: Json): KeyValue {
  const key = bytes(json, 'key');
  if (key === '') throw new WrongField('has an entry without a key');
  return {
    key,
    value: bytes(json, 'value'),
    createRevision: int64(json, 'create_revision'),
    modRevision: positive(json, 'mod_revision'),
    version: int64(json, 'version'),
    lease: id(json, 'lease'),
  };
}

function rangeAnswer(answer: Json): RangeAnswer {
  const entries = entriesOf(answer);
  const isMore = yes(answer, 'more');
  if (isMore && entries.length === 0) throw new WrongField('has nothing, and says that there is more');
  return { revision: revisionOf(answer), clusterId: id(object(answer, 'header'), 'cluster_id'), entries, isMore };
}

function entriesOf(range: Json): readonly KeyValue[] {
  return objects(range, 'kvs').map(keyValue);
}

function revisionOf(answer: Json): bigint {
  return int64(object(answer, 'header'), 'revision');
}

function keysBody({ key, end }: Keys): Json {
  return { key: base64(key), ...(end === undefined ? {} : { range_end: base64(end) }) };
}

function rangeBody(query: RangeQuery): Json {
  return {
    ...keysBody(query),
    ...(query.limit === undefined ? {} : { limit: query.limit.toString() }),
    ...(query.revision === undefined ? {} : { revision: query.revision.toString() }),
    ...(query.changedSince === undefined ? {} : { min_mod_revision: query.changedSince.toString() }),
    ...(query.isSerializable ? { serializable: true } : {}),
    ...(query.isKeysOnly ? { keys_only: true } : {}),
    ...(query.newestFirst ? { sort_order: 'DESCEND', sort_target: 'MOD' } : {}),
  };
}

function putBody({ key, value, lease }: { key: string; value: string; lease?: string }): Json {
  return { key: base64(key), value: base64(value), ...(lease === undefined ? {} : { lease }) };
}

function compareBody({ key, modRevision }: Compare): Json {
  return { key: base64(key), target: 'MOD', result: 'EQUAL', mod_revision: modRevision.toString() };
}

function operationBody(operation: Operation): Json {
  switch (operation.kind) {
    case 'put':
      return { request_put: putBody(operation) };
    case 'delete':
      return { request_delete_range: keysBody(operation) };
    case 'range':
      return { request_range: rangeBody(operation) };
  }
}
