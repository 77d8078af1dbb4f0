import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageSeconds, healthAnswer, historyAnswer, logsAnswer } from '../../src/dashboard/api';
import type { HttpAnswer } from '../../src/dashboard/http-answer';
import { ReadingsStore } from '../../src/readings/readings-store';
import { readingOf } from '../readings/reading-of';
import { pluginOf } from './plugin-of';
import { readingsAnswer } from './whole';

function json({ body }: HttpAnswer): unknown {
  return JSON.parse(body);
}

describe('/api/readings', () => {
  it('lists the latest reading of every sensor, with its age', () => {
    const answer = readingsAnswer([readingOf({ timestamp: 1_000 })], 4_999);
    assert.equal(answer.status, 200);
    assert.deepEqual(json(answer), [
      {
        node: 'pi4',
        plugin: 'dht22',
        sensorId: 'room',
        timestamp: 1_000,
        ageSeconds: 3,
        values: { temperature: 21.5, humidity: 40 },
        units: { temperature: '°C', humidity: '%' },
      },
    ]);
  });

  it('says since when a sensor has no known value', () => {
    const latest = [readingOf(), readingOf({ sensorId: 'attic' })];
    const answer = readingsAnswer(latest, 9_000, ({ sensorId }) => (sensorId === 'attic' ? 5_000 : undefined));
    const rows: readonly { sensorId: string; unknownSince?: number }[] = JSON.parse(answer.body);
    assert.deepEqual(
      rows.map(({ sensorId, unknownSince }) => [sensorId, unknownSince]),
      [
        ['room', undefined],
        ['attic', 5_000],
      ],
    );
  });

  it('is an empty list before the first poll', () => assert.deepEqual(json(readingsAnswer([], 0)), []));

  it('calls a reading from the future new', () => assert.equal(ageSeconds(5_000, 1_000), 0));
});

describe('/api/history', () => {
  const store = new ReadingsStore((error) => assert.fail(String(error)));
  store.add([readingOf({ timestamp: 1 }), readingOf({ timestamp: 2 })]);
  const history = store.history.bind(store);

  it('is the numbers of one field over time, oldest first', () => {
    const points = [
      { timestamp: 1, value: 40 },
      { timestamp: 2, value: 40 },
    ];
    const answer = historyAnswer({ sensor: 'room', field: 'humidity' }, history);
    assert.equal(answer.status, 200);
    assert.deepEqual(json(answer), {
      sensor: 'room',
      field: 'humidity',
      series: [{ node: 'pi4', plugin: 'dht22', sensorId: 'room', unit: '%', points }],
    });
  });

  for (const query of [
    {},
    { sensor: 'room' },
    { field: 'humidity' },
    { sensor: ['a', 'b'], field: 'x' },
    { sensor: '', field: '' },
  ]) {
    it(`asks for one sensor and one field: ${JSON.stringify(query)}`, () => {
      assert.equal(historyAnswer(query, history).status, 400);
    });
  }

  it('says where nothing is known', () => {
    const answer = historyAnswer({ sensor: 'attic', field: 'humidity' }, history);
    assert.equal(answer.status, 404);
    assert.match(answer.body, /attic/);
  });
});

describe('/api/logs', () => {
  it('is the lines as they are', () => {
    const lines = [{ at: 1, level: 'warn', plugin: 'dht22', text: 'read failed' }] as const;
    assert.deepEqual(json(logsAnswer(lines)), lines);
  });
});

describe('/api/health', () => {
  for (const state of ['disabled', 'loading', 'ready', 'polling', 'reloading'] as const) {
    it(`is 200 while a plugin is ${state}`, () => {
      const answer = healthAnswer([pluginOf({ state })]);
      assert.equal(answer.status, 200);
      assert.deepEqual(json(answer), { status: 'ok', failing: [], plugins: [pluginOf({ state })] });
    });
  }

  for (const state of ['backing-off', 'closed'] as const) {
    it(`is 503 and names the plugin that is ${state}`, () => {
      const lastError = { code: 'PLUGIN_TRAPPED', message: 'it trapped', at: 5 };
      const plugins = [pluginOf(), pluginOf({ name: 'bme680', state, lastError })];
      const answer = healthAnswer(plugins);
      assert.equal(answer.status, 503);
      assert.deepEqual(json(answer), { status: 'failing', failing: ['bme680'], plugins });
    });
  }

  it('is 503 for an enabled plugin that has no component, 200 for a disabled one', () => {
    assert.equal(healthAnswer([pluginOf({ origin: 'missing', state: 'loading' })]).status, 503);
    assert.equal(healthAnswer([pluginOf({ origin: 'missing', state: 'disabled' })]).status, 200);
  });

  it('is 503 and names the plugin whose newest poll failed, not one that is disabled since', () => {
    const failing = { code: 'HARDWARE_IO', message: 'no answer', since: 5 };
    for (const state of ['loading', 'ready', 'polling', 'reloading'] as const) {
      const plugins = [pluginOf(), pluginOf({ name: 'bme680', state, failing })];
      const answer = healthAnswer(plugins);
      assert.equal(answer.status, 503, state);
      assert.deepEqual(json(answer), { status: 'failing', failing: ['bme680'], plugins });
    }
    assert.equal(healthAnswer([pluginOf({ state: 'disabled', failing })]).status, 200);
  });

  it('is 503 and says what is not kept, since when, why and what to do; 200 with little room', () => {
    const notKept = [{ what: 'history', since: 5, reason: 'ENOSPC', message: 'full. Make room' }] as const;
    const storage = {
      status: 'failing',
      folder: '/data',
      freeBytes: 0,
      sizeBytes: 9,
      failedWrites: 1,
      notKept,
    } as const;
    const answer = healthAnswer([pluginOf()], undefined, storage);
    assert.equal(answer.status, 503);
    assert.deepEqual(json(answer), { status: 'failing', failing: [], plugins: [pluginOf()], storage });
    const low = { ...storage, status: 'low', notKept: [] } as const;
    assert.equal(healthAnswer([pluginOf()], undefined, low).status, 200);
    assert.deepEqual(json(healthAnswer([], undefined, low)), { status: 'ok', failing: [], plugins: [], storage: low });
  });

  it('shows how many calls of a plugin were refused', () => {
    assert.deepEqual(json(healthAnswer([pluginOf({ refusedCalls: 3 })])), {
      status: 'ok',
      failing: [],
      plugins: [pluginOf({ refusedCalls: 3 })],
    });
  });

  it('is 200 for a plugin that reported an error and was polled with success since', () => {
    const lastError = { code: 'PLUGIN_ERROR', message: 'no sensor', at: 5 };
    assert.equal(healthAnswer([pluginOf({ failures: 3, lastError })]).status, 200);
  });
});

describe('every answer of the API', () => {
  it('is what it says it is, and is for no other origin', () => {
    const { headers } = readingsAnswer([], 0);
    assert.equal(headers['Content-Type'], 'application/json; charset=utf-8');
    assert.equal(headers['X-Content-Type-Options'], 'nosniff');
    assert.ok(!Object.keys(headers).some((name) => name.toLowerCase().startsWith('access-control')));
  });

  it('that changes by the second is kept nowhere: readings, health, errors', () => {
    const answers = [readingsAnswer([readingOf()], 0), healthAnswer([]), historyAnswer({}, () => [])];
    for (const { headers } of answers) {
      assert.equal(headers['Cache-Control'], 'no-store');
      assert.equal(headers['ETag'], undefined);
    }
  });

  it('that stays may be kept by the browser alone, which asks each time: log and history', () => {
    const logs = (text: string) => logsAnswer([{ at: 1, level: 'info', text }]).headers;
    assert.equal(logs('a')['Cache-Control'], 'private, no-cache');
    assert.match(logs('a')['ETag'] ?? '', /^"[\w-]{16}"$/);
    assert.equal(logs('a')['ETag'], logs('a')['ETag']);
    assert.notEqual(logs('a')['ETag'], logs('b')['ETag']);
    const store = new ReadingsStore((error) => assert.fail(String(error)));
    store.add([readingOf()]);
    const history = () => historyAnswer({ sensor: 'room', field: 'humidity' }, store.history.bind(store)).headers;
    const before = history()['ETag'];
    store.add([readingOf()]);
    assert.notEqual(history()['ETag'], before);
  });
});
