import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoSensorData, type SensorDataParts } from '../../src/dashboard/sensor-data';
import type { Reading } from '../../src/readings/reading';
import type { Trend } from '../../src/readings/trend';
import { readingOf } from '../readings/reading-of';
import { pluginOf } from './plugin-of';
import { sensorData } from './whole';

const NOW = 10 * 3_600_000;
const HOST = { node: 'pi4', simulated: true };

function dataOf(parts: Partial<SensorDataParts>): string {
  return sensorData({
    readings: [],
    leds: [],
    plugins: [],
    now: 3_000,
    host: HOST,
    logs: [],
    trend: () => undefined,
    ...parts,
  });
}

/** Of every field: two points, a minute apart. */
const twoPoints = (): Trend => ({
  points: [
    [NOW - 60_000, 20],
    [NOW, 21],
  ],
  min: 20,
  max: 21,
  since: NOW - 60_000,
});

function trendsOf(text: string, plugin: string): number {
  const sensors: Record<string, { trends?: object }> = JSON.parse(text).nodes.pi4[plugin];
  return Object.values(sensors).reduce((sum, { trends = {} }) => sum + Object.keys(trends).length, 0);
}

describe('the sensor data of a dashboard plugin', () => {
  it('is by node, plugin and sensor, with LEDs, plugins, log and host', () => {
    const readings = [
      readingOf({ timestamp: 1_000 }),
      readingOf({ sensorId: 'attic', timestamp: 2_000, values: { temperature: 3 }, units: {} }),
      readingOf({ node: 'pi5', timestamp: 3_000, values: { state: 'ok' }, units: {} }),
    ];
    const logs = [{ at: 2_500, level: 'info', plugin: 'dht22', text: 'hello' }] as const;
    const text = dataOf({ readings, leds: ['#000000', '#ff0000'], plugins: [pluginOf()], logs });
    assert.deepEqual(JSON.parse(text), {
      now: 3_000,
      host: { node: 'pi4', simulated: true },
      nodes: {
        pi4: {
          dht22: {
            room: {
              values: { temperature: 21.5, humidity: 40 },
              units: { temperature: '°C', humidity: '%' },
              timestamp: 1_000,
              ageSeconds: 2,
            },
            attic: { values: { temperature: 3 }, units: {}, timestamp: 2_000, ageSeconds: 1 },
          },
        },
        pi5: { dht22: { room: { values: { state: 'ok' }, units: {}, timestamp: 3_000, ageSeconds: 0 } } },
      },
      leds: ['#000000', '#ff0000'],
      plugins: [
        {
          name: 'dht22',
          state: 'ready',
          role: 'sensor',
          origin: 'bundled',
          polls: 0,
          failures: 0,
          refusedCalls: 0,
          leds: [],
        },
      ],
      logs: [{ at: 2_500, level: 'info', plugin: 'dht22', text: 'hello' }],
    });
  });

  it('has the offsets that are in the values, of this node alone', () => {
    const readings = [readingOf({ timestamp: 1_000 }), readingOf({ node: 'pi5', timestamp: 1_000 })];
    const offset = { sensor: 'DHT22 at GPIO4', temperature: -1.5, humidity: 0 };
    const { nodes } = JSON.parse(dataOf({ readings, offsets: ({ plugin }) => (plugin === 'dht22' ? [offset] : []) }));
    assert.deepEqual(nodes.pi4.dht22.room.offsets, [offset]);
    assert.equal(nodes.pi5.dht22.room.offsets, undefined);
    const none = JSON.parse(dataOf({ readings, offsets: () => [] }));
    assert.equal(none.nodes.pi4.dht22.room.offsets, undefined);
  });

  it('has its parts before the first poll', () => {
    assert.equal(
      dataOf({}),
      '{"now":3000,"host":{"node":"pi4","simulated":true},"nodes":{},"leds":[],"plugins":[],"logs":[]}',
    );
  });

  it('keeps a sensor called __proto__ as a sensor', () => {
    const text = dataOf({ readings: [readingOf({ sensorId: '__proto__' })] });
    assert.match(text, /"dht22":\{"__proto__":\{"values":\{"temperature":21\.5/);
  });

  it('says of a number how it went, in seconds before now and hours that are never none', () => {
    const trend = (_: unknown, field: string): Trend | undefined =>
      field === 'temperature'
        ? {
            points: [
              [NOW - 7_200_000, 20.123456789],
              [NOW - 61_500, 21],
              [NOW + 5_000, 22],
            ],
            min: 19.123456789,
            max: 22,
            since: NOW - 9_000_000,
          }
        : { points: [[NOW, 1]], min: 1, max: 1, since: NOW };
    const [known] = Object.values<Record<string, object>>(
      JSON.parse(
        dataOf({ now: NOW, trend, readings: [readingOf({ values: { temperature: 22, humidity: 40, note: 'x' } })] }),
      ).nodes.pi4.dht22,
    );
    assert.deepEqual(known?.['trends'], {
      temperature: {
        points: [
          [7_200, 20.123],
          [61, 21],
          [0, 22],
        ],
        min: 19.123456789,
        max: 22,
        hours: 2.5,
      },
    });
    assert.match(dataOf({ now: NOW, trend: twoPoints, readings: [readingOf()] }), /"hours":0\.1/);
  });

  it('says since when a sensor has no known value', () => {
    const unknownSince = ({ sensorId }: Reading) => (sensorId === 'attic' ? 2_500 : undefined);
    const { nodes } = JSON.parse(dataOf({ readings: [readingOf(), readingOf({ sensorId: 'attic' })], unknownSince }));
    const { room, attic } = nodes.pi4.dht22;
    assert.deepEqual([Object.hasOwn(room, 'unknownSince'), attic.unknownSince], [false, 2_500]);
  });

  it('says how often a sensor is read, where that is known', () => {
    const parts = { now: NOW, trend: twoPoints, readings: [readingOf()] };
    assert.match(dataOf({ ...parts, interval: () => 4_990 }), /"everySeconds":5,"trends"/);
    assert.doesNotMatch(dataOf({ ...parts, interval: () => undefined }), /everySeconds/);
  });

  it('has so many trends that no plugin takes the others theirs, and ends somewhere', () => {
    const many = (plugin: string) =>
      Array.from({ length: 150 }, (_, at) => readingOf({ plugin, sensorId: `s${at}`, values: { level: at } }));
    const plugins = ['a', 'b', 'c', 'd', 'e'];
    const text = dataOf({ now: NOW, trend: twoPoints, readings: plugins.flatMap(many) });
    assert.deepEqual(
      plugins.map((plugin) => trendsOf(text, plugin)),
      [100, 100, 100, 100, 0],
    );
  });

  it('has the newest hundred lines of the log', () => {
    const logs = Array.from({ length: 120 }, (_, at) => ({ at, level: 'info', text: `line ${at}` }) as const);
    const { logs: passed } = JSON.parse(dataOf({ logs }));
    assert.equal(passed.length, 100);
    assert.equal(passed[99].text, 'line 119');
  });

  it('speaks of a cluster where there is one', () => {
    const cluster = {
      connected: true,
      isLeader: false,
      leader: 'pi5',
      members: [{ node: 'pi5', role: 'voter', healthy: true, lastSeen: null }],
    };
    assert.deepEqual(JSON.parse(dataOf({ cluster })).cluster, cluster);
  });
});

describe('the sensor data of a dashboard built for the original host', () => {
  it('is flat, under the names it knows', () => {
    const readings = [
      readingOf(),
      readingOf({
        plugin: 'bme680',
        values: { temperature: 23, humidity: 42, pressure: 1013, gasResistance: 120, iaqScore: 50, iaqAccuracy: 1 },
      }),
      readingOf({
        plugin: 'pi_monitor',
        values: { cpuTemp: 48, cpuUsage: 3, memoryUsedMb: 100, memoryTotalMb: 400, uptimeSeconds: 60, fanOn: 0 },
      }),
    ];
    assert.deepEqual(JSON.parse(demoSensorData({ readings, now: 2_000 }, 'pi4')), {
      dht22: { temp: 21.5, humidity: 40 },
      bme680: { temp: 23, humidity: 42, pressure: 1013, gas: 120, iaq: 50 },
      pi: { cpu_temp: 48, memory_used_mb: 100, memory_total_mb: 400, uptime_seconds: 60 },
    });
  });

  it('has every key from the start, as its readers take them for granted', () => {
    assert.deepEqual(JSON.parse(demoSensorData({ readings: [], now: 2_000 }, 'pi4')), {
      dht22: { temp: 0, humidity: 0 },
      bme680: { temp: 0, humidity: 0, pressure: 0, gas: 0, iaq: 0 },
      pi: { cpu_temp: 0, memory_used_mb: 0, memory_total_mb: 0, uptime_seconds: 0 },
    });
  });

  it('is of this node where it has the sensor, else the newest of another', () => {
    const other = readingOf({ node: 'pi5', timestamp: 9_000, values: { temperature: 30, humidity: 1 } });
    const room = (readings: readonly Reading[], node: string) =>
      JSON.parse(demoSensorData({ readings, now: 10_000 }, node)).dht22.temp;
    assert.equal(room([other, readingOf()], 'pi4'), 21.5);
    assert.equal(room([readingOf(), other], 'pi3'), 30);
  });

  it('holds no value of a sensor that is unknown, not even of another node', () => {
    const other = readingOf({ node: 'pi5', timestamp: 9_000, values: { temperature: 30, humidity: 1 } });
    const unknownSince = ({ node }: Reading) => (node === 'pi4' ? 9_500 : undefined);
    const data = demoSensorData({ readings: [readingOf(), other], now: 10_000, unknownSince }, 'pi4');
    assert.deepEqual(JSON.parse(data).dht22, { temp: 0, humidity: 0 });
  });

  it('holds what this node read last however old it is, and of another node what is not stale', () => {
    const temperatureAt = (now: number, node: string, intervalMs?: number) =>
      JSON.parse(demoSensorData({ readings: [readingOf()], now, interval: () => intervalMs }, node)).dht22.temp;
    assert.equal(temperatureAt(1_000_000, 'pi4'), 21.5);
    assert.equal(temperatureAt(61_000, 'pi5'), 21.5);
    assert.equal(temperatureAt(61_001, 'pi5'), 0);
    assert.equal(temperatureAt(91_000, 'pi5', 30_000), 21.5);
    assert.equal(temperatureAt(91_001, 'pi5', 30_000), 0);
  });
});
