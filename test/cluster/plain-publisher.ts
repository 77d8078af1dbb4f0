/** Publishes one reading after the other, each until it is acknowledged, and by a condition that makes no second of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { encoded } from './etcd-calls';
import type { History, ReadingId } from './history';
import type { PlainClient } from './plain-client';

export const READINGS = '/edge-wasi/v1/readings/';
const PACE_MS = 8;
const TRY_AGAIN_MS = 50;
const SEQ_DIGITS = 16;

export function keyOf({ node, epoch, seq }: ReadingId): string {
  return `${READINGS}${node}/${epoch}-${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

export function readingOf(key: string): ReadingId {
  const [, node, epoch, seq] = /readings\/([^/]+)\/([^-]+)-(\d+)$/.exec(key) ?? [];
  if (node === undefined || epoch === undefined || seq === undefined) throw new Error(`${key} is no reading's key`);
  return { node, epoch, seq: Number(seq) };
}

/** Until `signal`; then what is under way is still tried for as long as its call takes. */
export async function publish(node: string, client: PlainClient, history: History, signal: AbortSignal): Promise<void> {
  for (let seq = 1; !signal.aborted; seq++) {
    const reading = { node, epoch: 'e1', seq };
    while (!(await attempt(reading, client, history)) && !signal.aborted) await pause(TRY_AGAIN_MS);
    await pause(PACE_MS);
  }
}

/** Whether it is acknowledged. */
async function attempt(reading: ReadingId, client: PlainClient, history: History): Promise<boolean> {
  const key = encoded(keyOf(reading));
  history.add({ kind: 'invoked', reading });
  const outcome = await client.ask('kv/txn', {
    compare: [{ key, target: 'VERSION', result: 'EQUAL', version: '0' }],
    success: [{ request_put: { key, value: encoded(JSON.stringify({ temperature: 21.5 })) } }],
    failure: [],
  });
  // Either it is there now, or it was: both are acknowledged.
  const kind = { done: 'acknowledged', refused: 'refused', unknown: 'unanswered' } as const;
  history.add({ kind: kind[outcome.kind], reading });
  return outcome.kind === 'done';
}
