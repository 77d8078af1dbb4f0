/**
 * The messages that plugin-poll and cluster-watch send, made of readings. Pure: no clock, no Node-RED. Every message
 * keeps the other properties of the one that came in (`req` and `res` of an `http in` node among them). Payloads hold
 * numbers and text only: a number that is none (NaN, infinity) is left out, as JSON has no word for it, and so is a
 * field called `__proto__`, which nodes behind that merge payloads could be tripped up by.
 */
import { randomBytes } from 'node:crypto';
import { discoveryOf } from './home-assistant';
import type { Reading } from './reading';

/** `readings`: a message per reading; `values`: a message per number; `batch`: one message with all of them. */
export type Emit = 'readings' | 'values' | 'batch';

export type Message = Record<string, unknown>;

/** As Node-RED's split node numbers messages, so that its join node puts them together again. */
export interface Parts {
  readonly id: string;
  readonly index: number;
  readonly count: number;
  readonly type: 'array';
  /** The parts the incoming message had; the join node gives them back. */
  readonly parts?: unknown;
}

export interface MessageOptions {
  readonly newId?: () => string;
  /** When Home Assistant may take a value as lost, in seconds: part of `discovery` of the messages of `values`. */
  readonly expireAfterS?: number | undefined;
}

/** `plugin` and `node` name the topic of a batch: the node property `plugin`, which may be `*`, and the own node. */
export function toMessages(...wanted: Parameters<typeof eachMessage>): Message[] {
  return [...eachMessage(...wanted)];
}

/** The same, each made when it is asked for: a poll may bring a thousand values. */
export function* eachMessage(
  emit: Emit,
  readings: readonly Reading[],
  plugin: string,
  node: string,
  original: Readonly<Message>,
  { newId = randomId, expireAfterS }: MessageOptions = {},
): Generator<Message> {
  switch (emit) {
    case 'readings':
      yield* numbered(readings.map(readingMessage), readings.length, original, newId);
      break;
    case 'values': {
      const count = readings.reduce((sum, reading) => sum + numbersIn(reading).length, 0);
      yield* numbered(valueMessages(readings, expireAfterS), count, original, newId);
      break;
    }
    case 'batch':
      yield { ...original, topic: `${node}/${plugin}`, payload: readings.map(batchEntry) };
  }
}

function readingMessage(reading: Reading): Message {
  return { ...subject(reading), topic: topicOf(reading), payload: plainValues(reading) };
}

function* valueMessages(readings: readonly Reading[], expireAfterS: number | undefined): Generator<Message> {
  for (const reading of readings) {
    for (const [field, payload] of numbersIn(reading)) {
      const discovery = discoveryOf(reading, field, expireAfterS);
      yield { ...subject(reading), topic: `${topicOf(reading)}/${field}`, payload, discovery };
    }
  }
}

function numbersIn(reading: Reading): [string, number | string][] {
  return usableValues(reading).filter(([, value]) => typeof value === 'number');
}

function batchEntry(reading: Reading): Message {
  return { ...subject(reading), values: plainValues(reading) };
}

function subject({ plugin, node, sensorId, timestamp }: Reading): Message {
  return { plugin, node, sensorId, timestamp };
}

function topicOf({ node, plugin, sensorId }: Reading): string {
  return `${node}/${plugin}/${sensorId}`;
}

function plainValues(reading: Reading): Record<string, number | string> {
  return Object.fromEntries(usableValues(reading));
}

function usableValues(reading: Reading): [string, number | string][] {
  return Object.entries(reading.values).filter(
    ([field, value]) => field !== '__proto__' && (typeof value === 'string' || Number.isFinite(value)),
  );
}

function* numbered(
  messages: Iterable<Message>,
  count: number,
  original: Readonly<Message>,
  newId: () => string,
): Generator<Message> {
  const id = newId();
  const outer = Object.hasOwn(original, 'parts') ? { parts: original['parts'] } : {};
  let index = 0;
  for (const message of messages) {
    const parts: Parts = { id, index, count, type: 'array', ...outer };
    index += 1;
    yield { ...original, ...message, parts };
  }
}

/** The form of Node-RED's own ids. */
function randomId(): string {
  return randomBytes(8).toString('hex');
}
