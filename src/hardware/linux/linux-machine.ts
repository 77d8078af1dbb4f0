/**
 * What the kernel drives alike on a Raspberry Pi and a Revolution Pi: I²C with its BME680s, SPI, serial ports, and the
 * machine's own figures. What is absent is told as told-work.ts says. Rejects as hardware.ts says.
 */
import { WasiError } from '../../errors/wasi-error';
import type { Bme680Measurement, MemoryUsage, WorldNow } from '../hardware';
import { hexByte } from '../i2c-bus';
import { CpuUsage, memoryUsage, uptimeSeconds } from '../machine-usage';
import type { Notices } from '../notices';
import { ToldWork } from '../told-work';
import { type DevicePlaces, OpenedDevices } from './opened-devices';

/** Whatever a plugin's device is, it is likely to follow; the interface for plugins names no speed. */
const GUEST_SPI_HZ = 1_000_000;

export abstract class LinuxMachine {
  protected readonly devices: OpenedDevices;
  protected readonly told: ToldWork;
  readonly #cpu = new CpuUsage();

  constructor(places: DevicePlaces, notices: Notices) {
    this.devices = new OpenedDevices(places);
    this.told = new ToldWork(notices);
  }

  readBme680(bus: number, address: number): Promise<Bme680Measurement> {
    return this.told.run(bme680At(bus, address), () => this.devices.bme680(bus, address).measure());
  }

  i2cTransfer(bus: number, address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    return this.told.run(`I²C address ${hexByte(address)} of bus ${bus}`, () =>
      this.devices.i2cBus(bus).transfer(address, write, readLength),
    );
  }

  spiTransfer(bus: number, chipSelect: number, data: Uint8Array): Promise<Uint8Array> {
    return this.told.run(`SPI device ${bus}.${chipSelect}`, () =>
      this.devices.spiBus(bus).transfer(chipSelect, data, GUEST_SPI_HZ),
    );
  }

  uartRead(port: string, maxLength: number, timeoutMs: number): Promise<Uint8Array> {
    return this.told.run(`serial port ${port}`, () => this.devices.port(port).read(maxLength, timeoutMs));
  }

  uartWrite(port: string, data: Uint8Array): Promise<number> {
    return this.told.run(`serial port ${port}`, () => this.devices.port(port).write(data));
  }

  uartSetBaud(port: string, baudRate: number): Promise<void> {
    return this.told.run(`serial port ${port}`, () => this.devices.port(port).setBaud(baudRate));
  }

  async memoryUsage(): Promise<MemoryUsage> {
    return memoryUsage();
  }

  async cpuUsage(): Promise<number> {
    return this.#cpu.percent();
  }

  async uptimeSeconds(): Promise<number> {
    return uptimeSeconds();
  }

  /** Real sensors measure the real world. */
  async simulate(): Promise<WorldNow> {
    throw new WasiError(
      'HARDWARE_MISSING',
      'there is no simulated world here, this runtime drives real devices; set Hardware of the wasi-runtime node to "simulated" and deploy',
    );
  }
}

/** Its bus is its first condition: that is what is looked for at the start. */
export function bme680At(bus: number, address: number): string {
  return `the BME680 at ${hexByte(address)} of bus ${bus}`;
}
