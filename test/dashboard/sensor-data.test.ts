import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoSensorData, sensorData } from '../../src/dashboard/sensor-data';
import { readingOf } from '../readings/reading-of';
import { pluginOf } from './plugin-of';

describe('the sensor data of a dashboard plugin', () => {
  it('is by node, plugin and sensor, with LEDs and plugins', () => {
    const readings = [
      readingOf({ timestamp: 1_000 }),
      readingOf({ sensorId: 'attic', timestamp: 2_000, values: { temperature: 3 }, units: {} }),
      readingOf({ node: 'pi5', timestamp: 3_000, values: { state: 'ok' }, units: {} }),
    ];
    const text = sensorData({ readings, leds: ['#000000', '#ff0000'], plugins: [pluginOf()], now: 3_000 });
    assert.deepEqual(JSON.parse(text), {
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
    });
  });

  it('has its three parts before the first poll', () => {
    assert.equal(sensorData({ readings: [], leds: [], plugins: [], now: 0 }), '{"nodes":{},"leds":[],"plugins":[]}');
  });

  it('keeps a sensor called __proto__ as a sensor', () => {
    const text = sensorData({ readings: [readingOf({ sensorId: '__proto__' })], leds: [], plugins: [], now: 1_000 });
    assert.match(text, /"dht22":\{"__proto__":\{"values":\{"temperature":21\.5/);
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
    assert.deepEqual(JSON.parse(demoSensorData(readings, 'pi4')), {
      dht22: { temp: 21.5, humidity: 40 },
      bme680: { temp: 23, humidity: 42, pressure: 1013, gas: 120, iaq: 50 },
      pi: { cpu_temp: 48, memory_used_mb: 100, memory_total_mb: 400, uptime_seconds: 60 },
    });
  });

  it('has every key from the start, as its readers take them for granted', () => {
    assert.deepEqual(JSON.parse(demoSensorData([], 'pi4')), {
      dht22: { temp: 0, humidity: 0 },
      bme680: { temp: 0, humidity: 0, pressure: 0, gas: 0, iaq: 0 },
      pi: { cpu_temp: 0, memory_used_mb: 0, memory_total_mb: 0, uptime_seconds: 0 },
    });
  });

  it('is of this node where it has the sensor, else the newest of another', () => {
    const other = readingOf({ node: 'pi5', timestamp: 9_000, values: { temperature: 30, humidity: 1 } });
    assert.match(demoSensorData([other, readingOf()], 'pi4'), /"dht22":\{"temp":21\.5,/);
    assert.match(demoSensorData([readingOf(), other], 'pi3'), /"dht22":\{"temp":30,/);
  });
});
