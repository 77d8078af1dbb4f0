/**
 * The buses and serial ports of a machine, each made when it is first asked for: one per bus and port that was granted to
 * somebody, so host.toml bounds their number. Reject as linux-i2c-bus.ts, spi-device.ts and serial-port.ts say.
 */
import type { Clock } from '../clock';
import { i2cAdapter } from './i2c-adapter';
import type { Kernel } from './kernel';
import { i2cFile, LinuxI2cBus } from './linux-i2c-bus';
import { SerialPort } from './serial-port';
import { SpiBus } from './spi-device';

export class LinuxBuses {
  readonly #devDir: string;
  readonly #kernel: () => Kernel;
  readonly #clock: Clock;
  readonly #i2cBuses = new Map<number, LinuxI2cBus>();
  readonly #spiBuses = new Map<number, SpiBus>();
  readonly #ports = new Map<string, SerialPort>();

  constructor(devDir: string, kernel: () => Kernel, clock: Clock) {
    this.#devDir = devDir;
    this.#kernel = kernel;
    this.#clock = clock;
  }

  i2c(bus: number): LinuxI2cBus {
    return known(this.#i2cBuses, bus, () => {
      const adapter = i2cAdapter(i2cFile(bus, this.#devDir).path, this.#kernel);
      return new LinuxI2cBus(bus, this.#devDir, adapter, this.#clock);
    });
  }

  spi(bus: number): SpiBus {
    return known(this.#spiBuses, bus, () => new SpiBus(bus, this.#devDir, this.#kernel));
  }

  port(path: string): SerialPort {
    return known(this.#ports, path, () => new SerialPort(path, this.#kernel, this.#clock));
  }

  async close(): Promise<void> {
    const all = [...this.#ports.values(), ...this.#i2cBuses.values(), ...this.#spiBuses.values()];
    await Promise.all(all.map((opened) => opened.close()));
  }
}

function known<K, V>(all: Map<K, V>, key: K, make: () => V): V {
  const there = all.get(key);
  if (there !== undefined) return there;
  const made = make();
  all.set(key, made);
  return made;
}
