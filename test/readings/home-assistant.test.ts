import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { discoveryOf, expireAfterSeconds, expireAfterUsual } from '../../src/readings/home-assistant';
import { toMessages } from '../../src/readings/messages';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from './reading-of';

function payloadOf(reading: Reading, field: string): Record<string, unknown> {
  return JSON.parse(discoveryOf(reading, field, undefined).payload);
}

function classes(field: string, unit: string): unknown[] {
  const reading = readingOf({ values: { [field]: 1 }, units: unit === '' ? {} : { [field]: unit } });
  const { device_class, state_class, unit_of_measurement } = payloadOf(reading, field);
  return [device_class, state_class, unit_of_measurement];
}

describe('the discovery of a number', () => {
  it('has what Home Assistant asks for', () => {
    const { topic, payload } = discoveryOf(readingOf(), 'temperature', 15);
    assert.equal(topic, 'homeassistant/sensor/pi4/dht22-room-temperature/config');
    assert.deepEqual(JSON.parse(payload), {
      name: 'dht22 room temperature',
      unique_id: 'pi4/dht22/room/temperature',
      state_topic: 'pi4/dht22/room/temperature',
      unit_of_measurement: '°C',
      device_class: 'temperature',
      state_class: 'measurement',
      availability_topic: 'pi4/status',
      expire_after: 15,
      device: { identifiers: ['edge-wasi/pi4'], name: 'pi4', manufacturer: 'edge-wasi', model: 'node-red-wasi' },
      origin: { name: '@edge-wasi/node-red-wasi' },
    });
  });

  it('says a name once where plugin and sensor share it, and the field in words', () => {
    assert.equal(payloadOf(readingOf({ sensorId: 'dht22' }), 'gasResistance2')['name'], 'dht22 gas resistance2');
  });

  it('leaves out what is not known: a unit, a class, when the next value comes', () => {
    const payload = payloadOf(readingOf({ units: {} }), 'iaqScore');
    for (const key of ['unit_of_measurement', 'device_class', 'expire_after']) assert.ok(!(key in payload), key);
    assert.equal(payload['state_class'], 'measurement');
  });

  for (const [field, unit, deviceClass, stateClass = 'measurement'] of [
    ['temperature', '°C', 'temperature'],
    ['cpuTemp', '°C', 'temperature'],
    ['humidity', '%', 'humidity'],
    ['soilMoisture', '%', 'moisture'],
    ['cpuUsage', '%', undefined],
    ['pressure', 'hPa', 'atmospheric_pressure'],
    ['pressure', 'bar', 'pressure'],
    ['memoryUsedMb', 'MiB', 'data_size'],
    ['uptimeSeconds', 's', 'duration'],
    ['meter', 'kWh', 'energy', 'total_increasing'],
    ['co2', 'ppm', 'carbon_dioxide'],
    ['tvoc', 'ppm', undefined],
    ['gasResistance', 'kΩ', undefined],
    ['fanOn', '', undefined],
    ['constructor', 'toString', undefined],
  ] as const) {
    it(`knows the class of ${field} in "${unit}"`, () => {
      assert.deepEqual(classes(field, unit), [deviceClass, stateClass, unit || undefined]);
    });
  }
});

describe('what a guest calls its sensors', () => {
  it('becomes a topic that Home Assistant takes, and two sensors stay two', () => {
    const names = ['a b', 'a_b', 'bär', 'bör', '../../x', 'a+#', '𝄞', ''];
    const topics = names.map((sensorId) => discoveryOf(readingOf({ sensorId }), 'a/b', undefined).topic);
    for (const topic of topics) assert.match(topic, /^homeassistant\/sensor\/pi4\/dht22-[A-Za-z0-9_-]*-a_2fb\/config$/);
    assert.equal(new Set(topics).size, names.length);
  });

  it('cannot make it look like another plugin', () => {
    const [its, others] = [readingOf({ plugin: 'a', sensorId: 'b_c' }), readingOf({ plugin: 'a_b', sensorId: 'c' })];
    assert.notEqual(discoveryOf(its, 'x', undefined).topic, discoveryOf(others, 'x', undefined).topic);
    assert.notEqual(payloadOf(its, 'x')['unique_id'], payloadOf(others, 'x')['unique_id']);
  });

  it('is data in the payload, whatever it is', () => {
    const sensorId = '","state_topic":"other/';
    assert.equal(payloadOf(readingOf({ sensorId }), 'x')['state_topic'], `pi4/dht22/${sensorId}/x`);
  });
});

describe('a value', () => {
  it('of emit "values" carries its discovery: the state topic is its own topic', () => {
    const messages = toMessages('values', [readingOf()], '*', 'pi4', {}, { expireAfterS: 30 });
    assert.equal(messages.length, 2);
    for (const { topic, discovery } of messages) {
      assert.ok(typeof discovery === 'object' && discovery !== null && 'payload' in discovery);
      const { state_topic, expire_after } = JSON.parse(String(discovery.payload));
      assert.deepEqual([state_topic, expire_after], [topic, 30]);
    }
  });

  it('of the other forms carries none', () => {
    for (const emit of ['readings', 'batch'] as const) {
      for (const message of toMessages(emit, [readingOf()], '*', 'pi4', {})) assert.ok(!('discovery' in message));
    }
  });

  it('counts as lost after three polls, at the earliest after half a minute', () => {
    assert.deepEqual(
      [0.5, 5, 10, 60, 100.5].map((seconds) => expireAfterSeconds(seconds * 1_000)),
      [30, 30, 30, 180, 302],
    );
  });

  it('counts as lost by how often it was read lately, the same where that varies a little', () => {
    const seconds = [1, 5, 10, 15, 20, 30, 60, 300, 600, 900, 3_600];
    const steps = (share: number) => seconds.map((each) => expireAfterUsual(each * share * 1_000));
    assert.deepEqual(steps(1), [30, 30, 60, 60, 120, 120, 300, 1_800, 3_600, 3_600, 21_600]);
    for (const share of [0.93, 0.98, 1.02, 1.1]) assert.deepEqual(steps(share), steps(1), String(share));
    assert.equal(expireAfterUsual(86_400_000), undefined);
  });
});
