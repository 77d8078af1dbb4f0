/**
 * Raw values of the BME680's converters → physical ones: the integer formulas of Bosch's BME68x API v4.4.8
 * (`calc_temperature`, `calc_pressure`, `calc_humidity`, `calc_gas_resistance_low`/`_high`, `calc_res_heat`; data sheet
 * BST-BME680-DS001, section 3). Bosch shifts 32-bit integers; here every step is a division rounded down in doubles,
 * which is exact below 2^53 and cannot wrap, except for the gas value, whose product needs 58 bits.
 */
import type { Calibration } from './calibration';

export interface CompensatedTemperature {
  /** Fine temperature that pressure and humidity are corrected with. */
  readonly tFine: number;
  readonly centiCelsius: number;
}

/** An arithmetic shift to the right, for numbers beyond 32 bits. */
function shr(value: number, bits: number): number {
  return Math.floor(value / 2 ** bits);
}

export function compensateTemperature(adc: number, c: Calibration): CompensatedTemperature {
  const offset = shr(adc, 3) - c.parT1 * 2;
  const linear = shr(offset * c.parT2, 11);
  const square = shr(shr(offset, 1) ** 2, 12);
  const tFine = linear + shr(square * c.parT3 * 16, 14);
  return { tFine, centiCelsius: shr(tFine * 5 + 128, 8) };
}

/** Pa. Bosch doubles large values after the division, lest they wrap, and so loses up to 2 Pa; here that is not needed. */
export function compensatePressure(adc: number, tFine: number, c: Calibration): number {
  const t = shr(tFine, 1) - 64_000;
  const tSquare = shr(t, 2) ** 2;
  const bend = shr(shr(tSquare, 11) * c.parP6, 2) + t * c.parP5 * 2;
  const offset = shr(bend, 2) + c.parP4 * 65_536;
  const slope = shr(shr(shr(tSquare, 13) * c.parP3 * 32, 3) + shr(c.parP2 * t, 1), 18);
  const gain = shr((32_768 + slope) * c.parP1, 15);
  const linear = Math.trunc(((1_048_576 - adc - shr(offset, 12)) * 6_250) / gain);
  const var1 = shr(c.parP9 * shr(shr(linear, 3) ** 2, 13), 12);
  const var2 = shr(shr(linear, 2) * c.parP8, 13);
  const var3 = shr(shr(linear, 8) ** 3 * c.parP10, 17);
  return linear + shr(var1 + var2 + var3 + c.parP7 * 128, 4);
}

/** 0.001 % relative humidity, 0 to 100 000. */
export function compensateHumidity(adc: number, tFine: number, c: Calibration): number {
  const t = shr(tFine * 5 + 128, 8);
  const offset = adc - c.parH1 * 16 - shr(Math.trunc((t * c.parH3) / 100), 1);
  const curve =
    Math.trunc((t * c.parH4) / 100) + Math.trunc(shr(t * Math.trunc((t * c.parH5) / 100), 6) / 100) + 16_384;
  const linear = offset * shr(c.parH2 * curve, 10);
  const squareGain = shr(c.parH6 * 128 + Math.trunc((t * c.parH7) / 100), 4);
  const square = shr(squareGain * shr(shr(linear, 14) ** 2, 10), 1);
  return Math.min(Math.max(shr(shr(linear + square, 10) * 1_000, 12), 0), 100_000);
}

/** Corrections of the sixteen ranges of the gas converter (lookup tables 1 and 2 of the API). */
const RANGE_GAIN = [
  2147483647n,
  2147483647n,
  2147483647n,
  2147483647n,
  2147483647n,
  2126008810n,
  2147483647n,
  2130303777n,
  2147483647n,
  2147483647n,
  2143188679n,
  2136746228n,
  2147483647n,
  2126008810n,
  2147483647n,
  2147483647n,
] as const;
const RANGE_SCALE = [
  4096000000n,
  2048000000n,
  1024000000n,
  512000000n,
  255744255n,
  127110228n,
  64000000n,
  32258064n,
  16016016n,
  8000000n,
  4000000n,
  2000000n,
  1000000n,
  500000n,
  250000n,
  125000n,
] as const;

export const GAS_RANGES = RANGE_SCALE.length;
export const GAS_ADC_MAX = 0x3ff;

/** Ω, BME680. `range` 0–15. */
export function gasResistance(adc: number, range: number, c: Calibration): number {
  const rangeGain = RANGE_GAIN[range];
  const scale = RANGE_SCALE[range];
  if (rangeGain === undefined || scale === undefined) throw new RangeError(`gas range ${range} is not 0–15`);
  const gain = (BigInt(1_340 + 5 * c.rangeSwitchingError) * rangeGain) >> 16n;
  const divisor = (BigInt(adc) << 15n) - 16_777_216n + gain;
  const dividend = (scale * gain) >> 9n;
  return Number((dividend + (divisor >> 1n)) / divisor);
}

/** Ω, BME688 (variant "gas high"), which needs no calibration. `range` 0–15. */
export function gasResistanceHigh(adc: number, range: number): number {
  return Math.trunc((10_000 * (262_144 >> range)) / (4_096 + (adc - 512) * 3)) * 100;
}

/** The heater's code for a target temperature, °C, at the given ambient temperature, °C. */
export function heaterCode(targetC: number, ambientC: number, c: Calibration): number {
  const ambient = Math.trunc((ambientC * c.parG3) / 1_000) * 256;
  const target = (c.parG1 + 784) * Math.trunc((Math.trunc(((c.parG2 + 154_009) * targetC * 5) / 100) + 3_276_800) / 10);
  const resistance = Math.trunc((ambient + Math.trunc(target / 2)) / (c.resHeatRange + 4));
  const code100 = (Math.trunc(resistance / (131 * c.resHeatVal + 65_536)) - 250) * 34;
  return Math.trunc((code100 + 50) / 100);
}
