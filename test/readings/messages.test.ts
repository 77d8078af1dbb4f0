import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { discoveryOf } from '../../src/readings/home-assistant';
import { type Emit, type Message, toMessages } from '../../src/readings/messages';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from './reading-of';

const ROOM = readingOf();
const AIR = readingOf({ plugin: 'bme680', sensorId: 'air', timestamp: 2_000, values: { state: 'warm', iaqScore: 50 } });

function messages(emit: Emit, readings: readonly Reading[], original: Message = {}): Message[] {
  return toMessages(emit, readings, '*', 'pi4', original, { newId: () => 'id1' });
}

function payloads(emit: Emit, values: Reading['values']): unknown[] {
  return messages(emit, [readingOf({ values })]).map((message) => message['payload']);
}

describe('emit "readings"', () => {
  it('is a message per reading, numbered like those of a split node', () => {
    assert.deepEqual(messages('readings', [ROOM, AIR]), [
      {
        payload: { temperature: 21.5, humidity: 40 },
        topic: 'pi4/dht22/room',
        plugin: 'dht22',
        node: 'pi4',
        sensorId: 'room',
        timestamp: 1_000,
        parts: { id: 'id1', index: 0, count: 2, type: 'array' },
      },
      {
        payload: { state: 'warm', iaqScore: 50 },
        topic: 'pi4/bme680/air',
        plugin: 'bme680',
        node: 'pi4',
        sensorId: 'air',
        timestamp: 2_000,
        parts: { id: 'id1', index: 1, count: 2, type: 'array' },
      },
    ]);
  });

  it('is none without a reading', () => assert.deepEqual(messages('readings', []), []));
});

describe('emit "values"', () => {
  it('is a message per number, counted over all readings; texts are left out', () => {
    const found = messages('values', [ROOM, AIR]);
    assert.deepEqual(
      found.map(({ topic, payload }) => [topic, payload]),
      [
        ['pi4/dht22/room/temperature', 21.5],
        ['pi4/dht22/room/humidity', 40],
        ['pi4/bme680/air/iaqScore', 50],
      ],
    );
    assert.deepEqual(found[2], {
      payload: 50,
      topic: 'pi4/bme680/air/iaqScore',
      plugin: 'bme680',
      node: 'pi4',
      sensorId: 'air',
      timestamp: 2_000,
      discovery: discoveryOf(AIR, 'iaqScore', undefined),
      parts: { id: 'id1', index: 2, count: 3, type: 'array' },
    });
  });
});

describe('emit "batch"', () => {
  it('is one message with all readings', () => {
    assert.deepEqual(messages('batch', [ROOM, AIR]), [
      {
        topic: 'pi4/*',
        payload: [
          {
            plugin: 'dht22',
            node: 'pi4',
            sensorId: 'room',
            timestamp: 1_000,
            values: { temperature: 21.5, humidity: 40 },
          },
          { plugin: 'bme680', node: 'pi4', sensorId: 'air', timestamp: 2_000, values: { state: 'warm', iaqScore: 50 } },
        ],
      },
    ]);
  });

  it('is one empty message without a reading', () => {
    assert.deepEqual(messages('batch', []), [{ topic: 'pi4/*', payload: [] }]);
  });
});

describe('every message', () => {
  const request = { url: '/' };
  const original = { _msgid: 'm', payload: 'go', topic: 't', req: request, plugin: 'old', mine: 1 };

  for (const emit of ['readings', 'values', 'batch'] as const) {
    it(`keeps the other properties of the one that came in: ${emit}`, () => {
      for (const message of messages(emit, [ROOM], original)) {
        assert.equal(message['_msgid'], 'm');
        assert.equal(message['mine'], 1);
        assert.equal(message['req'], request);
        assert.notEqual(message['topic'], 't');
      }
      assert.deepEqual(original.payload, 'go');
    });
  }

  it('remembers the parts it came with, so that a join node can give them back', () => {
    const outer = { id: 'o', index: 3, count: 4 };
    const [message] = messages('readings', [ROOM], { parts: outer });
    assert.deepEqual(message?.['parts'], { id: 'id1', index: 0, count: 1, type: 'array', parts: outer });
    assert.deepEqual(messages('batch', [ROOM], { parts: outer })[0]?.['parts'], outer);
  });

  it('has a new id for its group each time', () => {
    const ids = [1, 2].map(() => toMessages('readings', [ROOM], 'dht22', 'pi4', {})[0]?.['parts']);
    assert.notDeepEqual(ids[0], ids[1]);
  });
});

describe('a payload', () => {
  it('holds no number that JSON has no word for', () => {
    const values = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: 0 };
    assert.deepEqual(payloads('readings', values), [{ c: 0 }]);
    assert.deepEqual(payloads('values', values), [0]);
  });

  it('never holds a field called __proto__', () => {
    const values = Object.fromEntries([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    const [payload] = payloads('readings', values);
    assert.ok(typeof payload === 'object' && payload !== null);
    assert.deepEqual(Object.keys(payload), ['constructor']);
    assert.equal(Object.getPrototypeOf(payload), Object.prototype);
    assert.deepEqual(payloads('values', values), [2]);
  });
});
