/**
 * A DHT22 at the level of its frames: measures the world, encodes the 40 bits as the AM2302 manual has them, and now and
 * then sends one bit wrong. What it says goes through the real parser.
 */
import type { Clock } from '../../platform/clock';
import { FRAME_BYTES, parityOf } from '../dht22/dht22-frame';
import type { Dht22Measurement } from '../hardware';
import { hashText, uniform } from './noise';
import { clamp, type World } from './world';

/** 40 bits of 78 to 120 µs each, after 160 µs of greeting. */
const FRAME_MS = 5;

const STEPS_PER_UNIT = 10;
const SIGN_BIT = 0x8000;
const FRAME_BITS = FRAME_BYTES * 8;

const FAILS = hashText('dht22 fails');
const BAD_BIT = hashText('dht22 bad bit');

export class SimulatedDht22 {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #worldNow: () => number;
  #frames = 0;

  /** `worldNow`: ms since 1970, as the world's signals count them. */
  constructor(world: World, clock: Clock, worldNow: () => number) {
    this.#world = world;
    this.#clock = clock;
    this.#worldNow = worldNow;
  }

  async readFrame(): Promise<Uint8Array> {
    const at = this.#worldNow();
    await this.#clock.wait(FRAME_MS);
    const frame = encodeDht22Frame({
      temperature: this.#world.valueAt('dht22Temperature', at),
      humidity: this.#world.valueAt('dht22Humidity', at),
    });
    const number = this.#frames++;
    const { dht22FailureRate, seed } = this.#world.settings;
    if (uniform(seed ^ FAILS, number) <= dht22FailureRate) {
      const bit = Math.floor(uniform(seed ^ BAD_BIT, number) * (FRAME_BITS - 1));
      const at8 = Math.floor(bit / 8);
      frame[at8] = (frame[at8] ?? 0) ^ (1 << (bit % 8));
    }
    return frame;
  }
}

/** Limited to what the sensor measures: −40 to 80 °C, 0 to 100 %. */
export function encodeDht22Frame({ temperature, humidity }: Dht22Measurement): Uint8Array {
  const tenths = Math.round(clamp(temperature, -40, 80) * STEPS_PER_UNIT);
  const frame = new Uint8Array(FRAME_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint16(0, Math.round(clamp(humidity, 0, 100) * STEPS_PER_UNIT));
  view.setUint16(2, Math.abs(tenths) | (tenths < 0 ? SIGN_BIT : 0));
  view.setUint8(FRAME_BYTES - 1, parityOf(frame));
  return frame;
}
