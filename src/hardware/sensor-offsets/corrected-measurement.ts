/**
 * A measurement with the offsets of its sensor. A BME680 is warmer than the room, by its heater and by the board beside it:
 * its humidity is that of the warmer air, so it is recomputed for the corrected temperature. A DHT22 does not warm itself; its
 * offset is what its thermometer is wrong by, which says nothing of its hygrometer. Without offsets a measurement is itself.
 */
import type { Bme680Measurement, Dht22Measurement, SensorOffsets } from '../hardware';
import { humidityAt } from './absolute-humidity';

/** A sum of two decimal numbers has no more places than they have. */
const PLACES = 6;
const MAX_HUMIDITY_PERCENT = 100;

export function correctedDht22(measured: Dht22Measurement, offsets: SensorOffsets): Dht22Measurement {
  if (!isActive(offsets)) return measured;
  return {
    temperature: sum(measured.temperature, offsets.temperature),
    humidity: possible(measured.humidity + offsets.humidity),
  };
}

export function correctedBme680(measured: Bme680Measurement, offsets: SensorOffsets): Bme680Measurement {
  if (!isActive(offsets)) return measured;
  const temperature = sum(measured.temperature, offsets.temperature);
  const recomputed =
    offsets.temperature === 0 ? measured.humidity : humidityAt(measured.humidity, measured.temperature, temperature);
  return { ...measured, temperature, humidity: possible(possible(recomputed) + offsets.humidity) };
}

export function isActive({ temperature, humidity }: SensorOffsets): boolean {
  return temperature !== 0 || humidity !== 0;
}

function sum(value: number, offset: number): number {
  return rounded(value + offset);
}

function possible(humidity: number): number {
  return rounded(Math.min(Math.max(humidity, 0), MAX_HUMIDITY_PERCENT));
}

function rounded(value: number): number {
  return Number(value.toFixed(PLACES));
}
