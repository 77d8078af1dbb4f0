import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_SENSORS_PER_PLUGIN, UNSEEN_MS } from '../../src/readings/dropped-sensors';
import type { Reading } from '../../src/readings/reading';
import { MAX_CHARACTERS, MAX_VALUES, sizeOf } from '../../src/readings/reading-size';
import { cameAt, HISTORY_READINGS, ReadingsStore } from '../../src/readings/readings-store';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

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

describe('a plugin that names something new at each poll', () => {
  function told() {
    const clock = new SetClock('2026-11-24T15:00Z');
    const texts: string[] = [];
    const onDropped = (level: string, text: string) => texts.push(`${level}: ${text}`);
    const listener = { monotonic: clock.monotonic, onDropped };
    const store = new ReadingsStore((error) => assert.fail(String(error)), clock.now, listener);
    return { store, clock, texts };
  }

  function poll(number: number, sensors: number, fields: number, length = 20): Reading[] {
    return Array.from({ length: sensors }, (_, sensor) => {
      const names = Array.from({ length: fields }, (_, field) => `${number}-${field}`.padEnd(length, '.'));
      return readingOf({
        plugin: 'loud',
        sensorId: `${number}-${sensor}`,
        values: Object.fromEntries(names.map((name, at) => [name, at])),
        units: Object.fromEntries(names.map((name) => [name, 'V'.repeat(length)])),
      });
    });
  }

  const weight = (readings: readonly Reading[]) =>
    readings.map(sizeOf).reduce((sum, size) => ({
      values: sum.values + size.values,
      characters: sum.characters + size.characters,
    }));

  for (const [what, sensors, fields, length] of [
    ['few sensors of many fields', 16, 64, 20],
    ['many sensors of few fields', 256, 4, 20],
    ['few sensors of long names', 4, 64, 250],
    ['one sensor', 1, 1, 1],
  ] as const) {
    it(`has no more newest readings than one poll may bring: ${what}`, () => {
      const { store } = told();
      store.add([readingOf({ plugin: 'quiet' })]);
      for (let number = 0; number < 300; number += 1) {
        const newest = poll(number, sensors, fields, length);
        store.add(newest);
        const kept = store.latest().filter(({ plugin }) => plugin === 'loud');
        for (const reading of newest) assert.ok(kept.includes(reading));
        const { values, characters } = weight(kept);
        assert.ok(values <= MAX_VALUES && characters <= MAX_CHARACTERS && kept.length <= MAX_SENSORS_PER_PLUGIN);
      }
      assert.ok(store.latest().some(({ plugin }) => plugin === 'quiet'));
    });
  }

  it('is said to have lost sensors, which ones and how many, once an hour, and all are counted', () => {
    const { store, clock, texts } = told();
    for (let number = 0; number < 4; number += 1) store.add(poll(number, 16, 64));
    assert.equal(texts.length, 1);
    assert.match(texts[0] ?? '', /^warn: loud on pi4 reads more than is kept .*1024 values.*: "0-0"\. Use fewer/);
    assert.deepEqual(store.dropped(), [{ node: 'pi4', plugin: 'loud', sensors: 48 }]);
    clock.pass(3_600_000);
    store.add(poll(5, 16, 64));
    assert.equal(texts.length, 2);
    assert.match(texts[1] ?? '', /: "0-1", "0-2", "0-3" and 45 more\./);
  });

  it('loses the sensors that no poll brought for an hour, with their history, and that is said', () => {
    const { store, clock, texts } = told();
    store.add(poll(1, 2, 1));
    store.add([readingOf({ plugin: 'quiet' })]);
    clock.pass(UNSEEN_MS - 1);
    store.add([readingOf({ plugin: 'loud' })]);
    assert.deepEqual(store.dropUnseen('pi4', 'loud'), []);
    clock.pass(1);
    assert.deepEqual(
      store.dropUnseen('pi4', 'loud').map(({ sensorId }) => sensorId),
      ['1-0', '1-1'],
    );
    assert.deepEqual(
      store.latest().map(({ plugin, sensorId }) => `${plugin}/${sensorId}`),
      ['loud/room', 'quiet/room'],
    );
    assert.deepEqual(store.history('1-0', '1-0'.padEnd(20, '.')), []);
    assert.deepEqual(texts, [
      'info: loud on pi4: sensors that no poll brought for an hour are no longer among its newest readings: "1-0", "1-1"',
    ]);
    assert.deepEqual(store.dropped(), [{ node: 'pi4', plugin: 'loud', sensors: 2 }]);
  });

  it('keeps a sensor that each poll brings, however seldom it is polled', () => {
    const { store, clock } = told();
    for (let day = 0; day < 3; day += 1) {
      store.add([readingOf()]);
      assert.deepEqual(store.dropUnseen('pi4', 'dht22'), []);
      clock.pass(24 * 3_600_000);
    }
    assert.equal(store.history('room', 'temperature')[0]?.points.length, 3);
  });

  it('has lost nothing once it is gone', () => {
    const { store } = told();
    for (let number = 0; number < 4; number += 1) store.add(poll(number, 16, 64));
    store.forget('pi4', 'loud');
    assert.deepEqual(store.dropped(), []);
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

  it('of exactly one sensor is never that of another whose id looks like its whole place', () => {
    const store = newStore();
    const honest = readingOf({ node: 'vm', plugin: 'dht22', sensorId: 'dht22', values: { temperature: 20 } });
    const impostors = ['vm/dht22/dht22', '/dht22/dht22', 'dht22/dht22', 'a/b/c/d'].map((sensorId) =>
      readingOf({ node: 'vm', plugin: 'mine', sensorId, values: { temperature: 99 } }),
    );
    const asked = (sensor: string) =>
      store.history(sensor, 'temperature').map(({ plugin, sensorId }) => `${plugin} ${sensorId}`);
    store.add(impostors);
    assert.deepEqual(asked('vm/dht22/dht22'), [], 'not even while the sensor itself is not there');
    store.add([honest]);
    assert.deepEqual(asked('vm/dht22/dht22'), ['dht22 dht22']);
    assert.deepEqual(asked('vm/mine/vm/dht22/dht22'), ['mine vm/dht22/dht22']);
    assert.deepEqual(asked('vm/mine/a/b/c/d'), ['mine a/b/c/d']);
    assert.deepEqual(asked('dht22'), ['dht22 dht22']);
    assert.deepEqual(
      asked('dht22/dht22'),
      ['mine dht22/dht22'],
      'one "/" is no whole place: such ids work as they did',
    );
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
    const sensors = Array.from({ length: 16 }, (_, at) => readingOf({ sensorId: `s${at}`, values }));
    for (let poll = 0; poll < 70; poll++) store.add(sensors);
    assert.equal(store.history('s0', 'field3')[0]?.points.length, 64);
  });

  it('is shorter for a plugin whose fields have new and long names at each poll', () => {
    const store = newStore();
    for (let poll = 0; poll < HISTORY_READINGS; poll++) {
      const values = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`${poll} ${at}`.padEnd(256, 'x'), at]));
      store.add([readingOf({ values: { ...values, same: poll } })]);
    }
    const [same] = store.history('room', 'same');
    assert.equal(same?.points.length, Math.floor((2 * 2 ** 20) / (64 * 256 + 4)));
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
