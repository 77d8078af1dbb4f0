/**
 * The BME680's formulas backwards: which raw values its converters would show in given surroundings. Bosch publishes no
 * inverse, and none is needed: the forward formulas are monotonic, so twenty halvings find the step.
 */
import type { Calibration } from '../bme680/calibration';
import {
  compensateHumidity,
  compensatePressure,
  compensateTemperature,
  GAS_ADC_MAX,
  GAS_RANGES,
  gasResistance,
} from '../bme680/compensation';
import { clamp } from './world';

/** What a BME680 is surrounded by. */
export interface Environment {
  /** °C */
  readonly temperature: number;
  /** % */
  readonly humidity: number;
  /** hPa */
  readonly pressure: number;
  /** kΩ */
  readonly gasResistance: number;
}

export interface RawEnvironment {
  readonly temperatureAdc: number;
  readonly humidityAdc: number;
  readonly pressureAdc: number;
  readonly gas: { readonly adc: number; readonly range: number };
}

const MAX_20_BIT = 0xfffff;
const MAX_16_BIT = 0xffff;

/** The nearest raw values; surroundings beyond the sensor's range are taken as its limit. */
export function rawEnvironment(environment: Environment, calibration: Calibration): RawEnvironment {
  const centiCelsius = clamp(environment.temperature, -40, 85) * 100;
  const temperatureAdc = firstReaching(
    MAX_20_BIT,
    centiCelsius,
    (adc) => compensateTemperature(adc, calibration).centiCelsius,
  );
  const { tFine } = compensateTemperature(temperatureAdc, calibration);
  const pascal = clamp(environment.pressure, 300, 1_100) * 100;
  const milliPercent = clamp(environment.humidity, 0, 100) * 1_000;
  return {
    temperatureAdc,
    pressureAdc: firstReaching(MAX_20_BIT, -pascal, (adc) => -compensatePressure(adc, tFine, calibration)),
    humidityAdc: firstReaching(MAX_16_BIT, milliPercent, (adc) => compensateHumidity(adc, tFine, calibration)),
    gas: rawGas(environment.gasResistance * 1_000, calibration),
  };
}

/** The ranges overlap; the converter takes the first (the one for the highest resistances) that holds the value. */
function rawGas(ohms: number, calibration: Calibration): RawEnvironment['gas'] {
  for (let range = 0; range < GAS_RANGES - 1; range += 1) {
    if (ohms >= gasResistance(GAS_ADC_MAX, range, calibration)) return { adc: gasAdc(ohms, range, calibration), range };
  }
  return { adc: gasAdc(ohms, GAS_RANGES - 1, calibration), range: GAS_RANGES - 1 };
}

function gasAdc(ohms: number, range: number, calibration: Calibration): number {
  return firstReaching(GAS_ADC_MAX, -ohms, (adc) => -gasResistance(adc, range, calibration));
}

/** The least raw value of 0 to `max` at which the rising function `of` reaches `wanted`; `max` if it never does. */
function firstReaching(max: number, wanted: number, of: (adc: number) => number): number {
  let low = 0;
  let high = max;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (of(middle) >= wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
