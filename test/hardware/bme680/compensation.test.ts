import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Calibration } from '../../../src/hardware/bme680/calibration';
import {
  compensateHumidity,
  compensatePressure,
  compensateTemperature,
  gasResistance,
  gasResistanceHigh,
  heaterCode,
} from '../../../src/hardware/bme680/compensation';
import { CHIP_CALIBRATION } from '../../../src/hardware/simulated/bme680-chip';

/** Of the sensor whose values the tests of elixir-sensors/bmp280 expect. */
const SECOND_SENSOR: Calibration = {
  parT1: 26_195,
  parT2: 26_290,
  parT3: 3,
  parP1: 35_395,
  parP2: -10_405,
  parP3: 88,
  parP4: 4_836,
  parP5: -118,
  parP6: 30,
  parP7: 26,
  parP8: -765,
  parP9: -3_367,
  parP10: 30,
  parH1: 717,
  parH2: 1_021,
  parH3: 0,
  parH4: 45,
  parH5: 20,
  parH6: 120,
  parH7: -100,
  parG1: -30,
  parG2: -5_969,
  parG3: 18,
  resHeatRange: 1,
  resHeatVal: 50,
  rangeSwitchingError: 1,
};

describe('compensation agrees with the values pimoroni/bme680-python publishes', () => {
  const { tFine, centiCelsius } = compensateTemperature(501_240, CHIP_CALIBRATION);

  it('for temperature', () => {
    assert.equal(tFine, 136_667);
    assert.equal(centiCelsius, 2_669);
  });
  it('for pressure', () => assert.equal(compensatePressure(353_485, tFine, CHIP_CALIBRATION), 98_712));
  it('for humidity', () => assert.equal(compensateHumidity(19_019, tFine, CHIP_CALIBRATION), 42_402));
  it('for the gas resistance of both variants', () => {
    assert.equal(gasResistance(0, 0, CHIP_CALIBRATION), 12_946_860);
    assert.equal(gasResistanceHigh(0, 0), 102_400_000);
  });
});

describe('compensation agrees with the values elixir-sensors/bmp280 publishes', () => {
  const { tFine, centiCelsius } = compensateTemperature(480_732, SECOND_SENSOR);

  it('for temperature, 19.3113 °C in floating point', () => assert.equal(centiCelsius, 1_931));
  it('for pressure, 100 977.52 Pa in floating point', () =>
    assert.equal(compensatePressure(393_705, tFine, SECOND_SENSOR), 100_974));
  it('for humidity, 25.2 %', () => assert.equal(compensateHumidity(16_820, tFine, SECOND_SENSOR), 25_200));
  it('for gas, 3503.6322 Ω, and 20467.26 Ω of a sensor without range switching error', () => {
    assert.equal(gasResistance(666, 11, SECOND_SENSOR), 3_503);
    assert.equal(gasResistance(195, 9, { ...SECOND_SENSOR, rangeSwitchingError: 0 }), 20_467);
  });
  it("for the heater's code, within one step of the floating-point formula's 112", () => {
    assert.ok(Math.abs(heaterCode(300, 28, SECOND_SENSOR) - 112) <= 1);
  });
});

describe('compensation keeps its head at the edges', () => {
  it('caps humidity at 0 and 100 %', () => {
    assert.equal(compensateHumidity(0, 136_667, CHIP_CALIBRATION), 0);
    assert.equal(compensateHumidity(0xffff, 136_667, CHIP_CALIBRATION), 100_000);
  });
  it('rises with temperature and falls with pressure over the whole range of the converters', () => {
    const adcs = Array.from({ length: 257 }, (_, i) => Math.min(i * 4_096, 0xfffff));
    const rising = (values: readonly number[]) => values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));
    assert.ok(rising(adcs.map((adc) => compensateTemperature(adc, CHIP_CALIBRATION).centiCelsius)));
    for (const t of [-204_800, 0, 136_667, 435_200]) {
      assert.ok(rising(adcs.map((adc) => -compensatePressure(adc, t, CHIP_CALIBRATION))), `t_fine ${t}`);
    }
  });
});
