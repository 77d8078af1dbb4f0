import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { absoluteHumidity } from '../../../src/hardware/sensor-offsets/absolute-humidity';
import { correctedBme680, correctedDht22 } from '../../../src/hardware/sensor-offsets/corrected-measurement';

const NONE = { temperature: 0, humidity: 0 };
const AIR = { temperature: 23, humidity: 42, pressure: 1013.25, gasResistance: 120 };

const measured = fc.record({
  temperature: fc.double({ min: -40, max: 80, noNaN: true }),
  humidity: fc.double({ min: 0, max: 100, noNaN: true }),
  pressure: fc.double({ min: 300, max: 1_100, noNaN: true }),
  gasResistance: fc.double({ min: 0.1, max: 100_000, noNaN: true }),
});
const offset = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
const offsets = fc.record({ temperature: offset(20), humidity: offset(50) });

describe('a measurement with offsets', () => {
  it('of nothing is the one that was measured, to the last digit', () => {
    fc.assert(
      fc.property(measured, (air) => {
        assert.deepEqual(correctedBme680(air, NONE), air);
        assert.deepEqual(correctedDht22(air, NONE), air);
      }),
    );
  });

  it('of a BME680 keeps the water in the air, as far as the air can hold it', () => {
    fc.assert(
      fc.property(measured, offset(20), (air, temperature) => {
        const corrected = correctedBme680(air, { temperature, humidity: 0 });
        const before = absoluteHumidity(air.temperature, air.humidity);
        const after = absoluteHumidity(corrected.temperature, corrected.humidity);
        // Values are rounded to the sixth place.
        const rounding = 1e-5 * (absoluteHumidity(corrected.temperature, 100) + before);
        if (corrected.humidity < 100) assert.ok(Math.abs(after - before) <= rounding, `${before} became ${after}`);
        else assert.ok(after <= before + rounding);
      }),
    );
  });

  it('changes neither pressure nor gas resistance, and no humidity is impossible', () => {
    fc.assert(
      fc.property(measured, offsets, (air, by) => {
        const { pressure, gasResistance, humidity } = correctedBme680(air, by);
        assert.deepEqual([pressure, gasResistance], [air.pressure, air.gasResistance]);
        for (const each of [humidity, correctedDht22(air, by).humidity]) assert.ok(each >= 0 && each <= 100, `${each}`);
      }),
    );
  });

  it('of a BME680 adds the offset of humidity to the humidity at the corrected temperature', () => {
    const { humidity } = correctedBme680(AIR, { temperature: -3, humidity: 0 });
    assert.ok(Math.abs(humidity - 49.9) < 0.2, `${humidity}`);
    const both = correctedBme680(AIR, { temperature: -3, humidity: 2 });
    assert.ok(Math.abs(both.humidity - humidity - 2) < 1e-5);
    assert.equal(both.temperature, 20);
    assert.equal(correctedBme680(AIR, { temperature: 0, humidity: 2 }).humidity, 44);
  });

  it('of a BME680 is at 100 % before its offset of humidity is added', () => {
    const fog = { ...AIR, humidity: 98 };
    assert.equal(correctedBme680(fog, { temperature: -5, humidity: 0 }).humidity, 100);
    assert.equal(correctedBme680(fog, { temperature: -5, humidity: -3 }).humidity, 97);
  });

  it('of a DHT22 leaves its humidity to its own offset', () => {
    const air = { temperature: 23.4, humidity: 42.1 };
    assert.deepEqual(correctedDht22(air, { temperature: -1.5, humidity: 0 }), { temperature: 21.9, humidity: 42.1 });
    assert.deepEqual(correctedDht22(air, { temperature: 0, humidity: -4 }), { temperature: 23.4, humidity: 38.1 });
    assert.deepEqual(correctedDht22(air, { temperature: 1.1, humidity: 60 }), { temperature: 24.5, humidity: 100 });
  });
});
