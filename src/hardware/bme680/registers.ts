/**
 * Registers and bit fields of the BME680, in the spelling of the data sheet: Bosch Sensortec, BME680 data sheet
 * BST-BME680-DS001, section 5 (global memory map), with the coefficients' places as Bosch's BME68x API v4.4.8 reads
 * them. The BME688 answers with the same chip id and differs in `variant_id` and where the gas value lies.
 */
export const CHIP_ID = 0x61;
export const VARIANT_GAS_LOW = 0x00;
export const VARIANT_GAS_HIGH = 0x01;
export const RESET_COMMAND = 0xb6;

export const Register = {
  COEFF3: 0x00,
  MEAS_STATUS_0: 0x1d,
  RES_HEAT_0: 0x5a,
  GAS_WAIT_0: 0x64,
  CTRL_GAS_0: 0x70,
  CTRL_GAS_1: 0x71,
  CTRL_HUM: 0x72,
  CTRL_MEAS: 0x74,
  CONFIG: 0x75,
  COEFF1: 0x8a,
  ID: 0xd0,
  RESET: 0xe0,
  COEFF2: 0xe1,
  VARIANT_ID: 0xf0,
} as const;

/** Lengths of the three groups of coefficients, bytes. */
export const COEFF1_BYTES = 23;
export const COEFF2_BYTES = 14;
export const COEFF3_BYTES = 5;

/** meas_status_0 and everything measured after it. */
export const FIELD_BYTES = 17;

/** Places within the field that starts at meas_status_0. */
export const FieldOffset = { STATUS: 0, PRESS: 2, TEMP: 5, HUM: 8, GAS_LOW: 13, GAS_HIGH: 15 } as const;

/** meas_status_0 */
export const NEW_DATA = 0x80;
export const MEASURING = 0x20;
/** Low byte of the gas value. */
export const GAS_VALID = 0x20;
export const HEAT_STABLE = 0x10;
export const GAS_RANGE_MASK = 0x0f;

/** ctrl_meas: osrs_t in bits 7–5, osrs_p in bits 4–2, mode in bits 1–0. */
export const OSRS_T_SHIFT = 5;
export const OSRS_P_SHIFT = 2;
export const OSRS_MASK = 0x07;
export const MODE_MASK = 0x03;
export const MODE_FORCED = 0x01;

/** config: filter in bits 4–2. */
export const FILTER_SHIFT = 2;
export const FILTER_MASK = 0x07;

/** ctrl_gas_0 */
export const HEAT_OFF = 0x08;
/** ctrl_gas_1: which of the two places the gas value goes to, by variant. */
export const RUN_GAS_LOW = 0x10;
export const RUN_GAS_HIGH = 0x20;
export const RUN_GAS_MASK = 0x30;

/** What a value holds whose measurement is switched off (osrs = 0); the data sheet's reset values. */
export const SKIPPED_20_BIT = 0x80000;
export const SKIPPED_16_BIT = 0x8000;

/** gas_wait_x: a mantissa of six bits, ms, times 4 to the power of the two bits above. */
const WAIT_MANTISSA_MAX = 0x3f;
const WAIT_FACTOR_SHIFT = 6;
const WAIT_FACTOR = 4;
const WAIT_MAX_CODE = 0xff;

export function gasWaitCode(waitMs: number): number {
  let mantissa = waitMs;
  let factor = 0;
  while (mantissa > WAIT_MANTISSA_MAX) {
    mantissa = Math.trunc(mantissa / WAIT_FACTOR);
    factor += 1;
  }
  return Math.min(mantissa + (factor << WAIT_FACTOR_SHIFT), WAIT_MAX_CODE);
}

export function gasWaitMs(code: number): number {
  return (code & WAIT_MANTISSA_MAX) * WAIT_FACTOR ** (code >> WAIT_FACTOR_SHIFT);
}

/** Samples taken for a code of osrs_t, osrs_p or osrs_h (data sheet, Table "oversampling settings"). */
export function oversamplingCycles(code: number): number {
  return code === 0 ? 0 : 2 ** Math.min(code - 1, 4);
}

const CYCLE_US = 1_963;
const SWITCHING_US = 477;
const TPH_SWITCHES = 4;
const GAS_SWITCHES = 5;
const WAKE_UP_US = 1_000;

/** One forced measurement without its heating, ms: `bme68x_get_meas_dur` of Bosch's API. */
export function measuringMs(cycles: number): number {
  return (cycles * CYCLE_US + (TPH_SWITCHES + GAS_SWITCHES) * SWITCHING_US + WAKE_UP_US) / 1_000;
}
