/**
 * A BME680 as its I²C bus sees it: 256 registers, soft reset, and forced measurements that take their time and pass
 * through the chip's filter (data sheet BST-BME680-DS001, sections 3 and 5). Calibration is that of a real chip, so a
 * driver must do its whole work to get the world's values back. Time passes only by the injected clock.
 */
import { type Calibration, encodeCalibration } from '../bme680/calibration';
import * as chip from '../bme680/registers';
import { type Environment, rawEnvironment } from './bme680-adc';

/** Read from a real sensor; published with the pimoroni/bme680-python tests. */
export const CHIP_CALIBRATION: Calibration = Object.freeze({
  parT1: 26_041,
  parT2: 26_469,
  parT3: 3,
  parP1: 36_673,
  parP2: -10_515,
  parP3: 88,
  parP4: 7_310,
  parP5: -129,
  parP6: 30,
  parP7: 46,
  parP8: -3_177,
  parP9: -2_379,
  parP10: 30,
  parH1: 676,
  parH2: 1_029,
  parH3: 0,
  parH4: 45,
  parH5: 20,
  parH6: 120,
  parH7: -100,
  parG1: -30,
  parG2: -24_754,
  parG3: 18,
  resHeatRange: 1,
  resHeatVal: 48,
  rangeSwitchingError: 0,
});

/** A heater needs 20 to 30 ms to its temperature (data sheet, section 3.3.1). */
const HEAT_UP_MS = 30;

type ChipState = { readonly kind: 'asleep' } | { readonly kind: 'measuring'; readonly endsAt: number };

/** The filter's memory; the first measurement after a reset fills it. */
interface Filtered {
  readonly temperature: number;
  readonly pressure: number;
}

export class SimulatedBme680 {
  readonly #environmentAt: (atMs: number) => Environment;
  readonly #now: () => number;
  readonly #registers = new Uint8Array(256);
  #pointer = 0;
  #state: ChipState = { kind: 'asleep' };
  #filtered: Filtered | undefined;

  constructor(environmentAt: (atMs: number) => Environment, now: () => number) {
    this.#environmentAt = environmentAt;
    this.#now = now;
    this.#reset();
  }

  /** The first byte written names a register; further ones are its value and pairs of register and value. */
  transfer(write: Uint8Array, readLength: number): Uint8Array {
    this.#passTime();
    const [register, ...rest] = write;
    if (register !== undefined) {
      this.#pointer = register;
      const pairs = [register, ...rest];
      for (let at = 0; at + 1 < pairs.length; at += 2) this.#write(pairs[at] ?? 0, pairs[at + 1] ?? 0);
    }
    return Uint8Array.from({ length: readLength }, (_, at) => this.#get(this.#pointer + at));
  }

  #reset(): void {
    this.#registers.fill(0);
    this.#state = { kind: 'asleep' };
    this.#filtered = undefined;
    const { coeff1, coeff2, coeff3 } = encodeCalibration(CHIP_CALIBRATION);
    this.#registers.set(coeff1, chip.Register.COEFF1);
    this.#registers.set(coeff2, chip.Register.COEFF2);
    this.#registers.set(coeff3, chip.Register.COEFF3);
    this.#set(chip.Register.ID, chip.CHIP_ID);
    this.#set(chip.Register.VARIANT_ID, chip.VARIANT_GAS_LOW);
  }

  #write(register: number, value: number): void {
    if (register === chip.Register.RESET) {
      if (value === chip.RESET_COMMAND) this.#reset();
      return;
    }
    if (register < chip.Register.RES_HEAT_0 || register > chip.Register.CONFIG) return;
    this.#set(register, value);
    if (register !== chip.Register.CTRL_MEAS) return;
    if ((value & chip.MODE_MASK) !== chip.MODE_FORCED || this.#state.kind === 'measuring') return;
    this.#set(chip.Register.MEAS_STATUS_0, chip.MEASURING);
    this.#state = { kind: 'measuring', endsAt: this.#now() + this.#measurementMs() };
  }

  #oversampling(): { temperature: number; pressure: number; humidity: number } {
    const meas = this.#get(chip.Register.CTRL_MEAS);
    return {
      temperature: chip.oversamplingCycles((meas >> chip.OSRS_T_SHIFT) & chip.OSRS_MASK),
      pressure: chip.oversamplingCycles((meas >> chip.OSRS_P_SHIFT) & chip.OSRS_MASK),
      humidity: chip.oversamplingCycles(this.#get(chip.Register.CTRL_HUM) & chip.OSRS_MASK),
    };
  }

  #gasRuns(): boolean {
    return (this.#get(chip.Register.CTRL_GAS_1) & chip.RUN_GAS_MASK) === chip.RUN_GAS_LOW;
  }

  #measurementMs(): number {
    const { temperature, pressure, humidity } = this.#oversampling();
    const heatingMs = this.#gasRuns() ? chip.gasWaitMs(this.#get(chip.Register.GAS_WAIT_0)) : 0;
    return chip.measuringMs(temperature + pressure + humidity) + heatingMs;
  }

  #passTime(): void {
    if (this.#state.kind !== 'measuring' || this.#now() < this.#state.endsAt) return;
    this.#finish(this.#environmentAt(this.#state.endsAt));
    this.#state = { kind: 'asleep' };
  }

  #finish(environment: Environment): void {
    const raw = rawEnvironment(environment, CHIP_CALIBRATION);
    const filtered = this.#filter({ temperature: raw.temperatureAdc, pressure: raw.pressureAdc });
    const on = this.#oversampling();
    const field = chip.Register.MEAS_STATUS_0;
    const view = new DataView(this.#registers.buffer, field, chip.FIELD_BYTES);
    const set20 = (at: number, value: number) => {
      view.setUint16(at, value >> 4);
      view.setUint8(at + 2, (value & 0x0f) << 4);
    };
    set20(chip.FieldOffset.PRESS, on.pressure > 0 ? Math.round(filtered.pressure) : chip.SKIPPED_20_BIT);
    set20(chip.FieldOffset.TEMP, on.temperature > 0 ? Math.round(filtered.temperature) : chip.SKIPPED_20_BIT);
    view.setUint16(chip.FieldOffset.HUM, on.humidity > 0 ? raw.humidityAdc : chip.SKIPPED_16_BIT);
    view.setUint16(chip.FieldOffset.GAS_LOW, (raw.gas.adc << 6) | raw.gas.range | this.#gasFlags());
    view.setUint8(chip.FieldOffset.STATUS, chip.NEW_DATA);
    this.#set(chip.Register.CTRL_MEAS, this.#get(chip.Register.CTRL_MEAS) & ~chip.MODE_MASK);
  }

  #gasFlags(): number {
    if (!this.#gasRuns()) return 0;
    const heated =
      (this.#get(chip.Register.CTRL_GAS_0) & chip.HEAT_OFF) === 0 &&
      this.#get(chip.Register.RES_HEAT_0) > 0 &&
      chip.gasWaitMs(this.#get(chip.Register.GAS_WAIT_0)) >= HEAT_UP_MS;
    return chip.GAS_VALID | (heated ? chip.HEAT_STABLE : 0);
  }

  /** new = (old · c + raw) / (c + 1), temperature and pressure only (data sheet, section 3.2.4). */
  #filter(raw: Filtered): Filtered {
    const coefficient = 2 ** ((this.#get(chip.Register.CONFIG) >> chip.FILTER_SHIFT) & chip.FILTER_MASK) - 1;
    const old = this.#filtered ?? raw;
    const mix = (before: number, now: number) => (before * coefficient + now) / (coefficient + 1);
    this.#filtered = { temperature: mix(old.temperature, raw.temperature), pressure: mix(old.pressure, raw.pressure) };
    return this.#filtered;
  }

  #get(register: number): number {
    return this.#registers[register & 0xff] ?? 0;
  }

  #set(register: number, value: number): void {
    this.#registers[register] = value;
  }
}
