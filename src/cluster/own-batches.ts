/**
 * What etcd has of this node's batches at its start: sizes and ages of those that are to be kept, read back newest first and
 * no further than that. Older ones are superfluous, whatever their size. Keys come in pages, values in requests whose number
 * of keys follows from the size of the last ones; keys that are no batch of this node are passed over.
 */
import type { Clock } from '../platform/clock';
import type { Endpoints } from './endpoints';
import { EtcdError } from './etcd/etcd-error';
import { type Operation, range, transact, under } from './etcd/key-values';
import { KEEP_BYTES, KEEP_MS, type KeptBatch } from './kept-batches';
import { batchesOf, meaningOf } from './keys';
import { sentAtOf } from './wire';

interface Place {
  readonly key: string;
  readonly epoch: string;
  readonly first: number;
  readonly modRevision: bigint;
}

const KEYS_AT_ONCE = 1_000;
const FIRST_VALUES_AT_ONCE = 8;
/** Of the 128 operations that etcd takes in a transaction. */
const MAX_VALUES_AT_ONCE = 100;
/** Two full batches: a few ms of work. */
const BYTES_AT_ONCE = 192 * 2 ** 10;

/**
 * Oldest first. `known`, by key: what this process has written or read itself, which is not read again; what is read is added,
 * so that an attempt that fails half-way is not for nothing.
 */
export async function ownBatches(
  node: string,
  endpoints: Endpoints,
  clock: Clock,
  known: Map<string, KeptBatch>,
): Promise<readonly KeptBatch[]> {
  const newestFirst = (await placesOf(node, endpoints)).sort((a, b) => Number(b.modRevision - a.modRevision));
  const kept: KeptBatch[] = [];
  let bytes = 0;
  let atOnce = FIRST_VALUES_AT_ONCE;
  while (kept.length < newestFirst.length) {
    const next = newestFirst.slice(kept.length, kept.length + atOnce);
    const batches = await sized(next, endpoints, clock, known);
    if (batches === 'too large') {
      atOnce = Math.ceil(atOnce / 2);
      continue;
    }
    const read = batches.reduce((sum, batch) => sum + batch.bytes, 0);
    atOnce = Math.max(
      1,
      Math.min(MAX_VALUES_AT_ONCE, Math.floor((BYTES_AT_ONCE / Math.max(1, read)) * batches.length)),
    );
    kept.push(...batches);
    bytes += read;
    if (bytes > KEEP_BYTES || batches.some(({ at }) => clock.monotonic() - at > KEEP_MS)) break;
  }
  const rest = newestFirst.slice(kept.length).map(({ epoch, first }): KeptBatch => {
    return { epoch, first, bytes: 0, at: Number.NEGATIVE_INFINITY };
  });
  return [...kept, ...rest].reverse();
}

async function placesOf(node: string, endpoints: Endpoints): Promise<Place[]> {
  const places: Place[] = [];
  const { key: begin, end } = under(batchesOf(node));
  for (let key = begin; ; ) {
    const query = { key, end, limit: KEYS_AT_ONCE, isKeysOnly: true };
    const { entries, isMore } = await endpoints.ask((member) => range(member, query));
    for (const { key: found, modRevision } of entries) {
      const meaning = meaningOf(found);
      if (meaning.kind === 'batch')
        places.push({ key: found, epoch: meaning.epoch, first: meaning.first, modRevision });
    }
    const last = entries.at(-1);
    if (!isMore || last === undefined) return places;
    key = `${last.key}\0`;
  }
}

/** Too large: the answer is larger than is taken, and fewer are to be asked for. */
async function sized(
  places: readonly Place[],
  endpoints: Endpoints,
  clock: Clock,
  known: Map<string, KeptBatch>,
): Promise<readonly KeptBatch[] | 'too large'> {
  const unknown = places.filter(({ key }) => !known.has(key));
  const values = new Map<string, string>();
  if (unknown.length > 0) {
    const success = unknown.map(({ key }): Operation => ({ kind: 'range', key }));
    try {
      const { ranges } = await endpoints.ask((member) => transact(member, { compare: [], success }));
      for (const { key, value } of ranges.flat()) values.set(key, value);
    } catch (error) {
      if (!(error instanceof EtcdError && error.kind === 'broken-answer') || places.length === 1) throw error;
      return 'too large';
    }
  }
  for (const { key, epoch, first } of unknown) {
    const value = values.get(key) ?? '';
    known.set(key, { epoch, first, bytes: bytesOf(key, value), at: clock.monotonic() - ageOf(value, clock) });
  }
  return places.flatMap(({ key }) => known.get(key) ?? []);
}

/** As etcd counts them. */
export function bytesOf(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}

/** By this machine's clock, which may have been set back since: then it is taken for new. */
function ageOf(value: string, clock: Clock): number {
  const sentAt = sentAtOf(value);
  return sentAt === undefined ? 0 : Math.max(0, clock.now() - sentAt);
}
