/**
 * Buses, sensors and serial ports that were asked for, each made when it is first needed and kept until `close`. Their
 * number is bounded by what host.toml grants.
 */

import type { Clock } from '../../platform/clock';
import { Bme680Driver } from '../bme680/driver';
import { Dht22Reader } from '../dht22/dht22-reader';
import { type Dht22Places, readDht22Once } from './dht22-source';
import { i2cAdapter } from './i2c-adapter';
import type { Kernel } from './kernel';
import { i2cFile, LinuxI2cBus } from './linux-i2c-bus';
import { SerialPort } from './serial-port';
import { SpiBus } from './spi-device';

export interface DevicePlaces extends Dht22Places {
  /** /dev */
  readonly devDir: string;
  readonly kernel: () => Kernel;
  readonly clock: Clock;
}

export class OpenedDevices {
  readonly #places: DevicePlaces;
  readonly #dht22s = new Map<number, Dht22Reader>();
  readonly #bme680s = new Map<string, Bme680Driver>();
  readonly #i2cBuses = new Map<number, LinuxI2cBus>();
  readonly #spiBuses = new Map<number, SpiBus>();
  readonly #ports = new Map<string, SerialPort>();

  constructor(places: DevicePlaces) {
    this.#places = places;
  }

  dht22(pin: number): Dht22Reader {
    const { clock } = this.#places;
    return known(this.#dht22s, pin, () => new Dht22Reader(() => readDht22Once(pin, this.#places), clock));
  }

  /** Each address of each bus has a driver of its own. */
  bme680(bus: number, address: number): Bme680Driver {
    const { clock } = this.#places;
    return known(this.#bme680s, `${bus} ${address}`, () => new Bme680Driver(this.i2cBus(bus), address, clock));
  }

  i2cBus(bus: number): LinuxI2cBus {
    const { devDir, kernel, clock } = this.#places;
    const adapter = () => i2cAdapter(i2cFile(bus, devDir).path, kernel);
    return known(this.#i2cBuses, bus, () => new LinuxI2cBus(bus, devDir, adapter(), clock));
  }

  spiBus(bus: number): SpiBus {
    const { devDir, kernel } = this.#places;
    return known(this.#spiBuses, bus, () => new SpiBus(bus, devDir, kernel));
  }

  port(path: string): SerialPort {
    const { kernel, clock } = this.#places;
    return known(this.#ports, path, () => new SerialPort(path, kernel, clock));
  }

  /** Rejects with the first failure, after all were tried. */
  async close(): Promise<void> {
    const all = [...this.#ports.values(), ...this.#i2cBuses.values(), ...this.#spiBuses.values()];
    const outcomes = await Promise.allSettled(all.map((one) => one.close()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

function known<K, V>(all: Map<K, V>, key: K, make: () => V): V {
  const there = all.get(key);
  if (there !== undefined) return there;
  const made = make();
  all.set(key, made);
  return made;
}
