/**
 * One measurement as it lies in the BME680's registers from meas_status_0 on (data sheet BST-BME680-DS001, section
 * 5.3.4), taken apart but not yet compensated.
 */
import { FieldOffset, GAS_RANGE_MASK, GAS_VALID, HEAT_STABLE, NEW_DATA, VARIANT_GAS_HIGH } from './registers';

export interface RawField {
  readonly isNew: boolean;
  readonly pressureAdc: number;
  readonly temperatureAdc: number;
  readonly humidityAdc: number;
  readonly gasAdc: number;
  readonly gasRange: number;
  /** The gas value is one, and the heater had reached its temperature. */
  readonly gasUsable: boolean;
}

export function parseField(bytes: Uint8Array, variant: number): RawField {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const adc20 = (at: number) => view.getUint16(at) * 16 + (view.getUint8(at + 2) >> 4);
  const gas = view.getUint16(variant === VARIANT_GAS_HIGH ? FieldOffset.GAS_HIGH : FieldOffset.GAS_LOW);
  return {
    isNew: (view.getUint8(FieldOffset.STATUS) & NEW_DATA) !== 0,
    pressureAdc: adc20(FieldOffset.PRESS),
    temperatureAdc: adc20(FieldOffset.TEMP),
    humidityAdc: view.getUint16(FieldOffset.HUM),
    gasAdc: gas >> 6,
    gasRange: gas & GAS_RANGE_MASK,
    gasUsable: (gas & GAS_VALID) !== 0 && (gas & HEAT_STABLE) !== 0,
  };
}
