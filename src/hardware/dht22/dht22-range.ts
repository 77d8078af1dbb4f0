/** What a DHT22 can measure (AM2302 manual): anything else is no measurement, however it came. */
import { WasiError } from '../../errors/wasi-error';
import type { Dht22Measurement } from '../hardware';

const MIN_TEMPERATURE_C = -40;
const MAX_TEMPERATURE_C = 80;
const MAX_HUMIDITY_PERCENT = 100;

/** Throws HARDWARE_IO. Eight parity bits let one of 256 broken frames pass. */
export function possibleDht22({ temperature, humidity }: Dht22Measurement): Dht22Measurement {
  const possible =
    temperature >= MIN_TEMPERATURE_C &&
    temperature <= MAX_TEMPERATURE_C &&
    humidity >= 0 &&
    humidity <= MAX_HUMIDITY_PERCENT;
  if (possible) return Object.freeze({ temperature, humidity });
  throw new WasiError(
    'HARDWARE_IO',
    `the DHT22 reported ${temperature} °C and ${humidity} %, which it cannot measure; check its supply`,
  );
}
