/** Humidity at another temperature, against tables of others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  absoluteHumidity,
  humidityAt,
  saturationPressure,
} from '../../../src/hardware/sensor-offsets/absolute-humidity';

function assertNear(value: number, expected: number, within: number): void {
  assert.ok(Math.abs(value - expected) <= within, `${value} is not within ${within} of ${expected}`);
}

describe('the saturation vapour pressure', () => {
  // Over water, hPa: Sonntag 1990, table 1 (ITS-90), rounded to four digits.
  const TABLE = [
    [-20, 1.254],
    [-10, 2.865],
    [0, 6.112],
    [10, 12.28],
    [20, 23.39],
    [30, 42.47],
    [40, 73.85],
    [50, 123.5],
  ] as const;
  for (const [temperature, pressure] of TABLE) {
    it(`at ${temperature} °C is ${pressure} hPa within half a percent`, () =>
      assertNear(saturationPressure(temperature), pressure, pressure * 0.005));
  }
});

describe('humidity', () => {
  // Air temperature (°C), relative humidity (%), dew point (°C, to 0.1): DIN 4108-3, table of dew points.
  const DEW_POINTS = [
    [10, 50, 0.1],
    [10, 80, 6.7],
    [20, 30, 1.9],
    [20, 50, 9.3],
    [20, 60, 12.0],
    [20, 80, 16.4],
    [25, 50, 13.9],
    [25, 70, 19.1],
    [30, 40, 14.9],
    [30, 50, 18.4],
    [30, 80, 26.2],
  ] as const;
  for (const [temperature, humidity, dewPoint] of DEW_POINTS) {
    it(`of ${humidity} % at ${temperature} °C has the dew point ${dewPoint} °C`, () => {
      const vapourPressure = (humidity / 100) * saturationPressure(temperature);
      // 0.05 °C are a digit of the table, and the rest is that of its formula.
      assert.ok(vapourPressure > saturationPressure(dewPoint - 0.1));
      assert.ok(vapourPressure < saturationPressure(dewPoint + 0.1));
    });
  }

  // Saturated air, g/m³, as in tables of physics.
  const SATURATED = [
    [0, 4.85],
    [10, 9.4],
    [20, 17.3],
    [30, 30.4],
  ] as const;
  for (const [temperature, grams] of SATURATED) {
    it(`of 100 % at ${temperature} °C is ${grams} g/m³`, () =>
      assertNear(absoluteHumidity(temperature, 100), grams, grams * 0.01));
  }

  it('at another temperature is of as much water', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: -40, max: 85, noNaN: true }),
        fc.double({ min: -20, max: 20, noNaN: true }),
        (humidity, from, offset) => {
          const to = from + offset;
          const before = absoluteHumidity(from, humidity);
          const after = absoluteHumidity(to, humidityAt(humidity, from, to));
          assertNear(after, before, before * 1e-9);
        },
      ),
    );
  });

  it('rises where air cools and falls where it warms', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 100, noNaN: true }),
        fc.double({ min: -40, max: 85, noNaN: true }),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        (humidity, from, offset) => {
          assert.ok(humidityAt(humidity, from, from - offset) > humidity);
          assert.ok(humidityAt(humidity, from, from + offset) < humidity);
        },
      ),
    );
  });
});
