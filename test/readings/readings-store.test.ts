import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Reading } from '../../src/readings/reading';
import { cameAt, HISTORY_READINGS, MAX_SENSORS_PER_PLUGIN, ReadingsStore } from '../../src/readings/readings-store';
import { readingOf } from './reading-of';

function newStore(): ReadingsStore {
  return new ReadingsStore((error) => assert.fail(String(error)));
}

function series(length: number, parts: Partial<Reading> = {}): Reading[] {
  return Array.from({ length }, (_, at) => readingOf({ timestamp: at, values: { temperature: at }, ...parts }));
}

describe('the newest readings', () => {
  it('are one of every sensor of every plugin of every node, in a fixed order', () => {
    const store = newStore();
    const places = [
      { node: 'b', plugin: 'dht22', sensorId: 'room' },
      { node: 'a', plugin: 'dht22', sensorId: 'room' },
      { node: 'a', plugin: 'bme680', sensorId: 'room' },
      { node: 'a', plugin: 'dht22', sensorId: 'attic' },
    ];
    for (const timestamp of [1, 2]) store.add(places.map((place) => readingOf({ ...place, timestamp })));
    assert.deepEqual(
      store.latest().map(({ node, plugin, sensorId, timestamp }) => `${node}/${plugin}/${sensorId} ${timestamp}`),
      ['a/bme680/room 2', 'a/dht22/attic 2', 'a/dht22/room 2', 'b/dht22/room 2'],
    );
  });

  it('are those that arrived last, even from a clock that was set back', () => {
    const store = newStore();
    store.add([readingOf({ timestamp: 5_000 })]);
    store.add([readingOf({ timestamp: 10, values: { temperature: 3 } })]);
    assert.deepEqual(
      store.latest().map((reading) => reading.values),
      [{ temperature: 3 }],
    );
  });

  it('keep names apart that only look alike when joined', () => {
    const store = newStore();
    store.add([readingOf({ node: 'a/b', plugin: 'c' }), readingOf({ node: 'a', plugin: 'b/c' })]);
    assert.equal(store.latest().length, 2);
  });

  it('of a plugin that invents sensors push out its own oldest, never those of another plugin', () => {
    const store = newStore();
    store.add([readingOf({ plugin: 'quiet' }), readingOf({ sensorId: 'first' }), readingOf({ sensorId: 'second' })]);
    store.add([readingOf({ sensorId: 'first' })]);
    for (let at = 0; at < MAX_SENSORS_PER_PLUGIN - 1; at++) store.add([readingOf({ sensorId: `new-${at}` })]);
    const sensors = store.latest().map(({ plugin, sensorId }) => `${plugin}/${sensorId}`);
    assert.equal(sensors.length, MAX_SENSORS_PER_PLUGIN + 1);
    assert.ok(sensors.includes('quiet/room'));
    assert.ok(sensors.includes('dht22/first'));
    assert.ok(!sensors.includes('dht22/second'));
  });
});

describe('a sensor whose value is not known any more', () => {
  const sensors = (readings: readonly Reading[]) => readings.map(({ sensorId }) => sensorId);

  it('is each of its plugin on its node that was not read', () => {
    const store = newStore();
    const [room, attic] = [readingOf(), readingOf({ sensorId: 'attic' })];
    const others = [readingOf({ plugin: 'bme680' }), readingOf({ node: 'pi5' })];
    store.add([room, attic, ...others]);
    assert.deepEqual(sensors(store.markUnknown('pi4', 'dht22', [room], 7_000)), ['attic']);
    assert.deepEqual(
      [room, attic, ...others].map((each) => store.unknownSince(each)),
      [undefined, 7_000, undefined, undefined],
    );
  });

  it('is unknown since the first poll that did not read it, and is told of once', () => {
    const store = newStore();
    store.add([readingOf()]);
    assert.deepEqual(sensors(store.markUnknown('pi4', 'dht22', [], 7_000)), ['room']);
    assert.deepEqual(store.markUnknown('pi4', 'dht22', [], 8_000), []);
    assert.equal(store.unknownSince(readingOf()), 7_000);
    assert.equal(store.latest().length, 1, 'what was read last is still there to be shown as old');
  });

  it('is known with its next reading, and may be lost again', () => {
    const store = newStore();
    store.add([readingOf()]);
    store.markUnknown('pi4', 'dht22', [], 7_000);
    store.add([readingOf()]);
    assert.equal(store.unknownSince(readingOf()), undefined);
    assert.deepEqual(sensors(store.markUnknown('pi4', 'dht22', [], 9_000)), ['room']);
    assert.equal(store.unknownSince(readingOf()), 9_000);
    assert.equal(store.history('room', 'temperature')[0]?.points.length, 2, 'its history goes on');
  });

  it('is none of a plugin that never read anything', () => {
    assert.deepEqual(newStore().markUnknown('pi4', 'dht22', [], 7_000), []);
  });
});

describe('the history of a sensor', () => {
  it('is oldest first, with the unit, for a sensor id or a whole place', () => {
    const store = newStore();
    store.add([...series(2), ...series(1, { node: 'pi5' })]);
    const points = [
      { timestamp: 0, value: 0 },
      { timestamp: 1, value: 1 },
    ];
    const own = { node: 'pi4', plugin: 'dht22', sensorId: 'room', unit: '°C', points };
    assert.deepEqual(store.history('pi4/dht22/room', 'temperature'), [own]);
    assert.deepEqual(store.history('room', 'temperature'), [own, { ...own, node: 'pi5', points: points.slice(0, 1) }]);
  });

  it('holds the last so many readings and no more', () => {
    const store = newStore();
    store.add(series(HISTORY_READINGS + 5));
    const [room] = store.history('room', 'temperature');
    assert.equal(room?.points.length, HISTORY_READINGS);
    assert.equal(room?.points[0]?.timestamp, 5);
  });

  it('is shorter for a plugin with very many numbers', () => {
    const store = newStore();
    const values = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`field${at}`, at]));
    const sensors = Array.from({ length: MAX_SENSORS_PER_PLUGIN }, (_, at) =>
      readingOf({ sensorId: `s${at}`, values }),
    );
    for (let poll = 0; poll < 10; poll++) store.add(sensors);
    assert.equal(store.history('s0', 'field3')[0]?.points.length, 4);
  });

  it('knows when each came: what another node read, however late, when it was read, and what is its own now', () => {
    const now = 1_000_000;
    const store = new ReadingsStore(
      (error) => assert.fail(String(error)),
      (reading) => cameAt(reading, 'pi4', now),
    );
    const everyFiveMinutes = [100_000, 400_000, 700_000, now + 50].map((timestamp) => ({ timestamp }));
    for (const node of ['pi4', 'pi5']) store.add(everyFiveMinutes.map((parts) => readingOf({ node, ...parts })));
    const place = { plugin: 'dht22', sensorId: 'room' };
    assert.deepEqual(store.arrivalTimes({ node: 'pi4', ...place }), [now, now, now, now]);
    assert.deepEqual(store.arrivalTimes({ node: 'pi5', ...place }), [100_000, 400_000, 700_000, now]);
  });

  it('is of numbers only, and of fields the sensor has', () => {
    const store = newStore();
    store.add([readingOf({ values: { temperature: 1, state: 'ok' } }), readingOf({ values: { state: 'ok' } })]);
    assert.equal(store.history('room', 'temperature')[0]?.points.length, 1);
    for (const field of ['state', 'pressure', 'constructor', '__proto__']) {
      assert.deepEqual(store.history('room', field), []);
    }
    assert.deepEqual(store.history('attic', 'temperature'), []);
  });
});

describe('a listener', () => {
  it('hears each batch after it was stored, until it stops listening', () => {
    const store = newStore();
    const heard: number[] = [];
    const stop = store.subscribe((readings) => heard.push(readings.length + store.latest().length * 10));
    store.add([readingOf()]);
    store.add([]);
    stop();
    stop();
    store.add([readingOf()]);
    assert.deepEqual(heard, [11]);
  });

  it('that throws is reported, and the others still hear', () => {
    const errors: unknown[] = [];
    const store = new ReadingsStore((error) => errors.push(error));
    const heard: number[] = [];
    const bug = new Error('bug');
    store.subscribe(() => {
      throw bug;
    });
    store.subscribe((readings) => heard.push(readings.length));
    store.add([readingOf()]);
    assert.deepEqual(errors, [bug]);
    assert.deepEqual(heard, [1]);
  });
});
