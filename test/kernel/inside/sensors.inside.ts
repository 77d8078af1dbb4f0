/** The sensors that the kernel reads by itself: DHT22s on their wires, and a thermal zone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { encodeDht22Frame } from '../../../src/hardware/simulated/dht22-sensor';
import { type Dht22Pin, dht22Wire } from './dht22-wire';
import { read } from './system-files';
import { ThermalZone } from './thermal-zone';

const PIN = 4;

function value(pin: Dht22Pin, file: string): number {
  const device = dht22Wire.iioDevice(pin);
  assert.ok(device, `GPIO ${pin} has no IIO device`);
  return Number(read(join(device, file)));
}

describe("a DHT22 that the kernel's dht11 driver reads", () => {
  afterEach(() => {
    dht22Wire.silent(PIN);
    // The driver keeps a value for 2 s: one that is bound anew has none.
    dht22Wire.unplug(PIN);
    dht22Wire.plug(PIN);
  });

  for (const [temperature, humidity] of [
    [21.5, 40.3],
    [-12.3, 99.9],
    [0, 0],
  ] as const) {
    it(`measures ${temperature} °C and ${humidity} %`, () => {
      dht22Wire.measures(PIN, temperature, humidity);
      assert.equal(value(PIN, 'in_temp_input'), temperature * 1_000);
      assert.equal(value(PIN, 'in_humidityrelative_input'), humidity * 1_000);
    });
  }

  it('is ETIMEDOUT while it is silent', () => {
    assert.throws(() => value(PIN, 'in_temp_input'), { code: 'ETIMEDOUT' });
  });

  it('is ETIMEDOUT where its answer breaks off', () => {
    dht22Wire.sends(PIN, encodeDht22Frame({ temperature: 20, humidity: 50 }).subarray(0, 3));
    assert.throws(() => value(PIN, 'in_temp_input'), { code: 'ETIMEDOUT' });
  });

  it('is EIO where the sum is wrong, and is read again once it is right', () => {
    const frame = encodeDht22Frame({ temperature: 20, humidity: 50 });
    frame[4] = (frame[4] ?? 0) ^ 1;
    dht22Wire.sends(PIN, frame);
    assert.throws(() => value(PIN, 'in_temp_input'), { code: 'EIO' });
    dht22Wire.measures(PIN, 20, 50);
    assert.equal(value(PIN, 'in_temp_input'), 20_000);
  });

  it('is no other pin', () => {
    dht22Wire.measures(PIN, 20, 50);
    assert.throws(() => value(17, 'in_temp_input'), { code: 'ETIMEDOUT' });
  });

  it('has no device while it is unplugged', () => {
    dht22Wire.unplug(PIN);
    assert.equal(dht22Wire.iioDevice(PIN), undefined);
    dht22Wire.plug(PIN);
    assert.ok(dht22Wire.iioDevice(PIN));
  });
});

describe('a thermal zone', () => {
  it('has the temperature it is given, and is gone once removed', async () => {
    const zone = await ThermalZone.add(48_200);
    const temperature = () => Number(read(join(zone.folder, 'temp')));
    assert.equal(zone.type, 'test_tz');
    assert.equal(temperature(), 48_200);
    zone.set(75_000);
    assert.equal(temperature(), 75_000);
    zone.remove();
    assert.throws(temperature, { code: 'ENOENT' });
  });
});
