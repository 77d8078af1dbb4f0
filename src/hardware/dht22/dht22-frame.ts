/**
 * The 40 bits a DHT22 (AM2302) sends, as values. Source: Aosong, "Temperature and humidity module AM2302 product
 * manual", single-bus communication: humidity high byte, humidity low byte, temperature high byte, temperature low
 * byte, parity. Both values are in tenths; bit 15 of the temperature is its sign, the rest its magnitude (no two's
 * complement). The parity byte is the low eight bits of the sum of the other four.
 *
 * Throws HARDWARE_IO for a frame that cannot be true.
 */
import { WasiError } from '../../errors/wasi-error';
import type { Dht22Measurement } from '../hardware';
import { possibleDht22 } from './dht22-range';

export const FRAME_BYTES = 5;

const STEPS_PER_UNIT = 10;
const SIGN_BIT = 0x8000;
const MAGNITUDE_MASK = 0x7fff;

export function parseDht22Frame(frame: Uint8Array): Dht22Measurement {
  if (frame.length !== FRAME_BYTES) {
    throw new WasiError(
      'HARDWARE_IO',
      `the DHT22 sent ${frame.length * 8} of ${FRAME_BYTES * 8} bits; check its pull-up and wiring`,
    );
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const expected = parityOf(frame);
  const received = view.getUint8(4);
  if (received !== expected) {
    throw new WasiError(
      'HARDWARE_IO',
      `the DHT22's frame failed its checksum (${received} instead of ${expected}); it will be read again`,
    );
  }
  const humidity = view.getUint16(0) / STEPS_PER_UNIT;
  const rawTemperature = view.getUint16(2);
  const magnitude = (rawTemperature & MAGNITUDE_MASK) / STEPS_PER_UNIT;
  const temperature = rawTemperature & SIGN_BIT && magnitude > 0 ? -magnitude : magnitude;
  return possibleDht22({ temperature, humidity });
}

/** Of the first four bytes of a frame. */
export function parityOf(frame: Uint8Array): number {
  return frame.subarray(0, FRAME_BYTES - 1).reduce((sum, byte) => sum + byte, 0) & 0xff;
}
