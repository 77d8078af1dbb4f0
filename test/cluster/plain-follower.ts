/** Sees every reading once and in etcd's order: a watch that is taken up again, at any member, after the last revision. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, decoded, encoded, type Result } from './etcd-calls';
import type { History } from './history';
import type { PlainClient } from './plain-client';
import { READINGS, readingOf } from './plain-publisher';

const END = `${READINGS.slice(0, -1)}0`;
/** Somebody publishes all the time: a watch that is silent is one that leads nowhere. */
const SILENCE_MS = 1_500;
const TRY_AGAIN_MS = 100;

export async function follow(
  reader: string,
  client: PlainClient,
  history: History,
  signal: AbortSignal,
): Promise<void> {
  let from = 1;
  while (!signal.aborted) {
    const silent = new AbortController();
    try {
      for await (const { header, events, created } of watch(client.url, from, signal, silent)) {
        for (const { kv } of events ?? []) {
          history.add({ kind: 'observed', reader, reading: readingOf(decoded(kv.key)) });
          from = Math.max(from, Number(kv.mod_revision) + 1);
        }
        if (!created && !events) from = Math.max(from, Number(header?.revision ?? 0) + 1);
      }
    } catch {
      // Whatever ended it, the next one goes on where this one was.
    }
    client.next();
    await pause(signal.aborted ? 0 : TRY_AGAIN_MS);
  }
}

async function* watch(url: string, from: number, signal: AbortSignal, silent: AbortController): AsyncGenerator<Result> {
  const stop = () => silent.abort();
  signal.addEventListener('abort', stop, { once: true });
  let timer = setTimeout(stop, SILENCE_MS);
  try {
    const body = { create_request: { key: encoded(READINGS), range_end: encoded(END), start_revision: String(from) } };
    const response = await fetch(`${url}/v3/watch`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: silent.signal,
    });
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE_MS);
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { result } = JSON.parse(line) as Partial<Answer>;
        if (!result || result.canceled) return;
        yield result;
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
