import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { toReadings } from '../../src/plugin-host/guest-readings';
import { MAX_CHARACTERS, sizeOf } from '../../src/readings/reading-size';

const ORIGIN = { node: 'pi4', plugin: 'mine', now: 5_000 };

function only(value: unknown) {
  const [reading, ...rest] = toReadings(value, ORIGIN);
  assert.ok(reading && rest.length === 0);
  return reading;
}

function values(record: object): Record<string, number | string> {
  return { ...only(record).values };
}

function metrics(...entries: readonly object[]): object {
  return { sensorId: 's', metrics: entries, timestampMs: 1n };
}

describe('a record of named fields', () => {
  it('becomes a reading with its units, under its camelCase names', () => {
    const reading = only({ sensorId: 'room', temperature: 21.5, gasResistance: 120, memoryUsedMb: 5, timestampMs: 7n });
    assert.deepEqual(
      { ...reading, values: { ...reading.values }, units: { ...reading.units } },
      {
        node: 'pi4',
        plugin: 'mine',
        sensorId: 'room',
        timestamp: 7,
        values: { temperature: 21.5, gasResistance: 120, memoryUsedMb: 5 },
        units: { temperature: '°C', gasResistance: 'kΩ', memoryUsedMb: 'MiB' },
      },
    );
    assert.ok(Object.isFrozen(reading) && Object.isFrozen(reading.values));
  });

  it('keeps numbers, texts and truth values, and drops everything else', () => {
    const record = {
      a: 1n,
      b: true,
      c: false,
      d: 'text',
      e: Number.NaN,
      f: Number.POSITIVE_INFINITY,
      g: undefined,
      h: {},
    };
    assert.deepEqual(values(record), { a: 1, b: 1, c: 0, d: 'text' });
  });

  it('shows the shortest number that is the same 32-bit one', () => {
    assert.deepEqual(
      values({ a: Math.fround(46.2), b: Math.fround(1013.25), c: Math.fround(0.1), d: 1 / 3, e: 2 ** 40 }),
      {
        a: 46.2,
        b: 1013.25,
        c: 0.1,
        d: 1 / 3,
        e: 2 ** 40,
      },
    );
    const odd = Math.fround(Math.PI);
    assert.equal(Math.fround(Number(values({ odd })['odd'])), odd);
  });

  it('that names no sensor is one of the plugin itself', () => {
    for (const record of [{ a: 1 }, { sensorId: '' }, { sensorId: 5 }, { sensorId: ' \n\u202e ' }])
      assert.equal(only(record).sensorId, 'mine');
  });
});

describe('a timestamp', () => {
  it("is the guest's where a Date can hold it, else the host's", () => {
    const at = (timestampMs: unknown) => only({ timestampMs }).timestamp;
    assert.deepEqual([at(7n), at(8.64e15)], [7, 8.64e15]);
    for (const wrong of [
      undefined,
      0n,
      -1n,
      2n ** 64n - 1n,
      8.64e15 + 2,
      1.5,
      'soon',
      Number.NaN,
      [7],
      { valueOf: 7, toString: 7 },
    ])
      assert.equal(at(wrong), 5_000, inspect(wrong));
  });
});

describe('a record of metrics', () => {
  it('becomes values by name, with the units it names', () => {
    const reading = only(
      metrics({ name: 'wind-speed', value: 3, unit: 'm/s' }, { name: 'rain_today', value: 4, unit: '' }),
    );
    assert.deepEqual({ ...reading.values }, { windSpeed: 3, rainToday: 4 });
    assert.deepEqual({ ...reading.units }, { windSpeed: 'm/s' });
  });

  it('may be called what it likes: names are data', () => {
    const named = (name: string) => Object.entries(values(metrics({ name, value: 1, unit: '' })));
    assert.deepEqual(named('__proto__'), [['__proto__', 1]]);
    assert.deepEqual(named('constructor'), [['constructor', 1]]);
    assert.deepEqual(named('a\x00\x1b[31m\nb\u202e'), [['a[31mb', 1]]);
  });

  it('is cut to a length that people can read', () => {
    const reading = only({
      sensorId: 'i'.repeat(1_000),
      metrics: [{ name: 'n'.repeat(1_000), value: 1, unit: 'u'.repeat(1_000) }],
    });
    const [name = ''] = Object.keys(reading.values);
    assert.deepEqual([reading.sensorId.length, name.length, reading.units[name]?.length], [256, 256, 256]);
    assert.deepEqual(Object.keys(only({ ['f'.repeat(1_000)]: 1 }).values), ['f'.repeat(256)]);
  });
});

const LONG = 'x'.repeat(300);

function metricsOf(sensor: number, count: number, parts: object): object[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${sensor}-${at}`, value: at, unit: '', ...parts }));
}

describe('as many readings as a poll may bring', () => {
  it('may all be new, and weigh no more than is kept of a plugin', () => {
    const readings = toReadings(
      Array.from({ length: 256 }, (_, sensor) => ({
        ...metrics(...metricsOf(sensor, 4, { unit: 'u'.repeat(50), name: `${sensor}`.padEnd(60, 'n') })),
        sensorId: '',
      })),
      { ...ORIGIN, plugin: 'p'.repeat(64) },
    );
    const characters = readings.reduce((sum, reading) => sum + sizeOf(reading).characters, 0);
    assert.equal(readings.length, 256);
    assert.ok(characters <= MAX_CHARACTERS);
  });
});

describe('what is no reading', () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['a number', 5],
    ['a list with a text in it', [{ a: 1 }, 'text']],
    ['a metric without a name', metrics({ value: 1 })],
    ['257 readings', Array.from({ length: 257 }, () => ({ a: 1 }))],
    ['65 values', Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`v${i}`, i]))],
    ['a list of numbers', new Uint8Array(8)],
    ['a metric that is a text', { metrics: ['value'] }],
    ['65 items', [Array.from({ length: 65 }, (_, i) => i)]],
    ['1088 values', Array.from({ length: 17 }, () => Object.fromEntries(Array.from({ length: 64 }, (_, i) => [i, i])))],
    ['65 metrics', metrics(...Array.from({ length: 65 }, (_, i) => ({ name: `v${i}`, value: 1, unit: '' })))],
    ['long names', Array.from({ length: 10 }, (_, sensor) => metrics(...metricsOf(sensor, 64, { unit: LONG })))],
    ['long texts', Array.from({ length: 10 }, (_, sensor) => metrics(...metricsOf(sensor, 64, { value: LONG })))],
    ['long ids', Array.from({ length: 256 }, () => ({ sensorId: LONG, a: LONG, b: LONG }))],
  ];
  for (const [what, value] of wrong) {
    it(`(${what}) is the plugin's error`, () => {
      assert.throws(() => toReadings(value, ORIGIN), { code: 'PLUGIN_ERROR', message: /^mine returned/ });
    });
  }

  it('for being too much names the limit', () => {
    const limits = [
      ['257 readings', /257 readings at once; at most 256 \(a fixed limit\)$/],
      ['65 values', /65 values in one reading; at most 64 \(a fixed limit\)$/],
      ['65 items', /65 values in one reading; at most 64 \(a fixed limit\)$/],
      ['1088 values', /1088 values at once; at most 1024 \(a fixed limit\)$/],
      ['65 metrics', /65 values in one reading; at most 64 \(a fixed limit\)$/],
      ['long names', /names, units and texts of more than 131072 characters at once \(a fixed limit\)$/],
      ['long texts', /names, units and texts of more than 131072 characters at once \(a fixed limit\)$/],
      ['long ids', /names, units and texts of more than 131072 characters at once \(a fixed limit\)$/],
    ] as const;
    for (const [what, message] of limits) {
      const [, value] = wrong.find(([name]) => name === what) ?? assert.fail(what);
      assert.throws(() => toReadings(value, ORIGIN), { message });
    }
  });

  it('(an empty list) is no error: there is nothing new', () => assert.deepEqual(toReadings([], ORIGIN), []));
});
