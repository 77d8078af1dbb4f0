/**
 * The offsets of [sensors.*] at work: what each plugin is given instead of what its sensors measured, the line of the log that
 * has both, and which offsets are in a plugin's readings, for whoever shows them.
 */
import type { DeviceCaller } from '../hardware/device-thread';
import type { Dht22Measurement, SensorOffsets } from '../hardware/hardware';
import { type Correction, correctedCaller, type SensorTables } from '../hardware/sensor-offsets/corrected-caller';
import { isActive } from '../hardware/sensor-offsets/corrected-measurement';
import type { HostConfig } from '../host-config/host-config';
import type { Journal } from './journal';

/** Offsets of a sensor that a plugin read. */
export interface ActiveOffsets extends SensorOffsets {
  /** `DHT22 at GPIO4`. */
  readonly sensor: string;
}

export class SensorCorrections {
  /** By plugin: the sensors that it was given with an offset. */
  readonly #read = new Map<string, Set<keyof SensorTables>>();

  constructor(
    readonly config: () => HostConfig,
    readonly journal: Pick<Journal, 'write'>,
  ) {}

  callerFor(plugin: string, devices: DeviceCaller): DeviceCaller {
    return correctedCaller(
      devices,
      () => this.config().sensors,
      (correction) => this.#note(plugin, correction),
    );
  }

  /** That are in what the plugin reads now. */
  of(plugin: string): readonly ActiveOffsets[] {
    const { sensors } = this.config();
    return [...(this.#read.get(plugin) ?? [])].flatMap((sensor) => {
      const { offsets } = sensors[sensor];
      return isActive(offsets) ? [{ sensor: nameOf(sensor, sensors), ...offsets }] : [];
    });
  }

  forget(plugin: string): void {
    this.#read.delete(plugin);
  }

  #note(plugin: string, { sensor, offsets, measured, corrected }: Correction): void {
    const known = this.#read.get(plugin);
    if (known) known.add(sensor);
    else this.#read.set(plugin, new Set([sensor]));
    const { sensors, logging } = this.config();
    if (!logging.showSensorData) return;
    const text = `${nameOf(sensor, sensors)} measured ${valuesText(measured)}; with its offsets (${offsetsText(offsets)}): ${valuesText(corrected)}`;
    this.journal.write('debug', text, plugin);
  }
}

function nameOf(sensor: keyof SensorTables, { dht22, bme680 }: SensorTables): string {
  switch (sensor) {
    case 'dht22':
      return `DHT22 at GPIO${dht22.gpioPin}`;
    case 'bme680':
      return `BME680 at 0x${bme680.address.toString(16)} of bus ${bme680.bus}`;
  }
}

function valuesText({ temperature, humidity }: Dht22Measurement): string {
  return `${short(temperature)} °C, ${short(humidity)} %`;
}

function offsetsText({ temperature, humidity }: SensorOffsets): string {
  const parts = [
    ...(temperature === 0 ? [] : [`temperature ${signed(temperature)} °C`]),
    ...(humidity === 0 ? [] : [`humidity ${signed(humidity)} %`]),
  ];
  return parts.join(', ');
}

function signed(value: number): string {
  return value < 0 ? `−${short(-value)}` : `+${short(value)}`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
