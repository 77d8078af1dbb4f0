/**
 * Driver of one BME680 (or BME688) on an I²C bus, after Bosch's BME68x API v4.4.8: soft reset, chip id, coefficients,
 * then one forced measurement per call: temperature x8, pressure x4, humidity x2, filter 3, heater 320 °C for 150 ms.
 * Concurrent callers share one measurement. A sensor that lost its settings (a brown-out) is set up again.
 *
 * Has run against the simulated chip and, in agreement with the kernel's own driver, against a chip's registers on a real
 * bus. Rejects with what the bus rejects with, HARDWARE_MISSING when another chip
 * answers at the address, HARDWARE_IO when the sensor does not finish or reports what it cannot measure.
 */
import { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';
import type { Bme680Measurement } from '../hardware';
import { hexByte, type I2cBus } from '../i2c-bus';
import { type Calibration, parseCalibration } from './calibration';
import {
  compensateHumidity,
  compensatePressure,
  compensateTemperature,
  gasResistance,
  gasResistanceHigh,
  heaterCode,
} from './compensation';
import { parseField, type RawField } from './field';
import * as chip from './registers';

/** Codes of osrs_x and filter. */
const OSRS_T_X8 = 4;
const OSRS_P_X4 = 3;
const OSRS_H_X2 = 2;
const FILTER_3 = 2;

const HEATER_TARGET_C = 320;
const HEATER_MS = 150;
/** What the heater's code assumes around it; 10 °C off moves the target by less than 2 °C. */
const ASSUMED_AMBIENT_C = 25;

/** Bosch's API waits as long (BME68X_PERIOD_RESET, BME68X_PERIOD_POLL). */
const RESET_MS = 10;
const POLL_INTERVAL_MS = 10;
const MAX_POLLS = 10;

const CONFIG_VALUE = FILTER_3 << chip.FILTER_SHIFT;
const CTRL_MEAS_VALUE = (OSRS_T_X8 << chip.OSRS_T_SHIFT) | (OSRS_P_X4 << chip.OSRS_P_SHIFT) | chip.MODE_FORCED;
const CYCLES = [OSRS_T_X8, OSRS_P_X4, OSRS_H_X2].reduce((sum, code) => sum + chip.oversamplingCycles(code), 0);
const MEASUREMENT_MS = Math.ceil(chip.measuringMs(CYCLES)) + HEATER_MS;

interface Setup {
  readonly calibration: Calibration;
  readonly variant: number;
}

export class Bme680Driver {
  readonly #bus: I2cBus;
  readonly #address: number;
  readonly #clock: Clock;
  #setup: Setup | undefined;
  #running: Promise<Bme680Measurement> | undefined;

  constructor(bus: I2cBus, address: number, clock: Clock) {
    this.#bus = bus;
    this.#address = address;
    this.#clock = clock;
  }

  measure(): Promise<Bme680Measurement> {
    this.#running ??= this.#measureOnce().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #measureOnce(): Promise<Bme680Measurement> {
    try {
      const setup = this.#setup && (await this.#keptSettings()) ? this.#setup : await this.#setUp();
      this.#setup = setup;
      await this.#write([[chip.Register.CTRL_MEAS, CTRL_MEAS_VALUE]]);
      await this.#clock.wait(MEASUREMENT_MS);
      return this.#compensate(await this.#finishedField(setup.variant), setup);
    } catch (error) {
      this.#setup = undefined;
      throw error;
    }
  }

  async #setUp(): Promise<Setup> {
    await this.#write([[chip.Register.RESET, chip.RESET_COMMAND]]);
    await this.#clock.wait(RESET_MS);
    const id = await this.#readByte(chip.Register.ID);
    if (id !== chip.CHIP_ID) {
      throw this.#error(
        'HARDWARE_MISSING',
        `is no BME680: chip id ${hexByte(id)} instead of ${hexByte(chip.CHIP_ID)}; check i2c_address`,
      );
    }
    const variant = await this.#readByte(chip.Register.VARIANT_ID);
    const calibration = parseCalibration({
      coeff1: await this.#read(chip.Register.COEFF1, chip.COEFF1_BYTES),
      coeff2: await this.#read(chip.Register.COEFF2, chip.COEFF2_BYTES),
      coeff3: await this.#read(chip.Register.COEFF3, chip.COEFF3_BYTES),
    });
    await this.#write([
      [chip.Register.CTRL_HUM, OSRS_H_X2],
      [chip.Register.CONFIG, CONFIG_VALUE],
      [chip.Register.RES_HEAT_0, heaterCode(HEATER_TARGET_C, ASSUMED_AMBIENT_C, calibration)],
      [chip.Register.GAS_WAIT_0, chip.gasWaitCode(HEATER_MS)],
      [chip.Register.CTRL_GAS_0, 0],
      [chip.Register.CTRL_GAS_1, variant === chip.VARIANT_GAS_HIGH ? chip.RUN_GAS_HIGH : chip.RUN_GAS_LOW],
    ]);
    return { calibration, variant };
  }

  async #keptSettings(): Promise<boolean> {
    const hum = await this.#readByte(chip.Register.CTRL_HUM);
    const config = await this.#readByte(chip.Register.CONFIG);
    return (hum & chip.OSRS_MASK) === OSRS_H_X2 && (config & (chip.FILTER_MASK << chip.FILTER_SHIFT)) === CONFIG_VALUE;
  }

  async #finishedField(variant: number): Promise<RawField> {
    for (let polls = 0; polls < MAX_POLLS; polls += 1) {
      const field = parseField(await this.#read(chip.Register.MEAS_STATUS_0, chip.FIELD_BYTES), variant);
      if (field.isNew) return field;
      await this.#clock.wait(POLL_INTERVAL_MS);
    }
    throw this.#error(
      'HARDWARE_IO',
      `did not finish a measurement within ${MEASUREMENT_MS + MAX_POLLS * POLL_INTERVAL_MS} ms`,
    );
  }

  #compensate(field: RawField, { calibration, variant }: Setup): Bme680Measurement {
    if (!field.gasUsable) throw this.#error('HARDWARE_IO', 'did not heat its gas sensor to the end; check its supply');
    const { tFine, centiCelsius } = compensateTemperature(field.temperatureAdc, calibration);
    const ohms =
      variant === chip.VARIANT_GAS_HIGH
        ? gasResistanceHigh(field.gasAdc, field.gasRange)
        : gasResistance(field.gasAdc, field.gasRange, calibration);
    const measured: Bme680Measurement = {
      temperature: centiCelsius / 100,
      humidity: compensateHumidity(field.humidityAdc, tFine, calibration) / 1_000,
      pressure: compensatePressure(field.pressureAdc, tFine, calibration) / 100,
      gasResistance: ohms / 1_000,
    };
    if (!isPossible(measured)) {
      const { temperature, pressure } = measured;
      throw this.#error(
        'HARDWARE_IO',
        `reports ${temperature} °C and ${pressure} hPa, which it cannot measure; check its wiring`,
      );
    }
    return Object.freeze(measured);
  }

  async #readByte(register: number): Promise<number> {
    const [byte] = await this.#read(register, 1);
    if (byte === undefined) throw this.#error('HARDWARE_IO', 'sent nothing');
    return byte;
  }

  #read(register: number, length: number): Promise<Uint8Array> {
    return this.#bus.transfer(this.#address, Uint8Array.of(register), length);
  }

  /**
   * Pairs of register and value: the chip does not count on by itself when written (data sheet, section 6.2.1). One
   * transfer each, which is also what an adapter can do that knows SMBus only.
   */
  async #write(pairs: readonly (readonly [register: number, value: number])[]): Promise<void> {
    for (const pair of pairs) await this.#bus.transfer(this.#address, Uint8Array.from(pair), 0);
  }

  #error(code: 'HARDWARE_MISSING' | 'HARDWARE_IO', what: string): WasiError {
    return new WasiError(code, `the sensor at I²C address ${hexByte(this.#address)} ${what}`);
  }
}

/** The sensor's operating range (data sheet, section 1). Humidity is capped by its formula. */
function isPossible({ temperature, pressure, gasResistance: gas }: Bme680Measurement): boolean {
  return temperature >= -40 && temperature <= 85 && pressure >= 300 && pressure <= 1_100 && gas > 0;
}
