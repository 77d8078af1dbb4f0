/**
 * The registers of a BME680 that has measured, for a chip that is nothing but registers: it answers with the same values
 * whatever it is told to measure. Raw values and calibration are those of pimoroni/bme680-python's test_compensation:
 * 26.69 °C, 987.12 hPa, 42.402 %.
 */
import { encodeCalibration } from '../../../src/hardware/bme680/calibration';
import { CHIP_CALIBRATION } from '../../../src/hardware/simulated/bme680-chip';

/** First register, and the bytes from there on. */
export type RegisterBlock = readonly [first: number, bytes: Uint8Array];

const RAW_TEMPERATURE = 501_240;
const RAW_PRESSURE = 353_485;
const RAW_HUMIDITY = 19_019;
const RAW_GAS = 195;
const GAS_RANGE = 9;
const NEW_DATA = 0x80;
const GAS_VALID_AND_STABLE = 0x30;

export const BME680_VALUES = { milliCelsius: 26_690, pascal: 98_712, humidityPercent: 42.402 } as const;

/** 20 bits, from the most significant on, in three bytes. */
function twentyBits(raw: number): number[] {
  return [raw >> 12, (raw >> 4) & 0xff, (raw & 0xf) << 4];
}

export function bme680Registers(): readonly RegisterBlock[] {
  const { coeff1, coeff2, coeff3 } = encodeCalibration(CHIP_CALIBRATION);
  const field = [
    ...[NEW_DATA, 0],
    ...twentyBits(RAW_PRESSURE),
    ...twentyBits(RAW_TEMPERATURE),
    ...[RAW_HUMIDITY >> 8, RAW_HUMIDITY & 0xff],
    ...[0, 0, 0],
    ...[RAW_GAS >> 2, ((RAW_GAS & 0b11) << 6) | GAS_VALID_AND_STABLE | GAS_RANGE],
  ];
  return [
    [0x00, coeff3],
    [0x1d, Uint8Array.from(field)],
    [0x8a, coeff1],
    [0xd0, Uint8Array.of(0x61)],
    [0xe1, coeff2],
  ];
}
