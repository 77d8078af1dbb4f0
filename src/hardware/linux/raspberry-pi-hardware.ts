/**
 * The devices of a Raspberry Pi (Zero 2 W, 3, 4, 5) through the kernel's own interfaces: GPIO character device, i2c-dev,
 * spidev, IIO, thermal zones, serial ports. No root is needed, only the groups gpio, i2c, spi and dialout.
 *
 * Opening never fails: what is missing is said once in the log and at each call that needs it, everything else works, and
 * what comes back is found again. Only the relays and serial ports stay open between calls; the relays are off from the
 * start on. Rejects as hardware.ts says.
 */
import { access, constants } from 'node:fs/promises';
import { type ErrorCode, WasiError } from '../../errors';
import { Bme680Driver } from '../bme680/driver';
import type { Clock } from '../clock';
import { Dht22Reader } from '../dht22/dht22-reader';
import type {
  Bme680Measurement,
  Dht22Measurement,
  Hardware,
  HardwareSettings,
  MemoryUsage,
  ProcessImageValue,
} from '../hardware';
import { hexByte } from '../i2c-bus';
import { CpuUsage, memoryUsage, uptimeSeconds } from '../machine-usage';
import type { Notices } from '../notices';
import { type DeviceFile, deviceError } from './device-errors';
import { type Dht22Places, readDht22Once } from './dht22-source';
import { i2cAdapter } from './i2c-adapter';
import type { Kernel } from './kernel';
import { assertStripLength, LedStripOutput, STRIP_SPI } from './led-strip';
import { i2cFile, LinuxI2cBus } from './linux-i2c-bus';
import { Relays } from './relays';
import { SerialPort } from './serial-port';
import { SpiBus, spiFile } from './spi-device';
import { SupplyWatch } from './supply-watch';
import { readCpuTemperature } from './thermal';

/** Whatever a plugin's device is, it is likely to follow; the interface for plugins names no speed. */
const GUEST_SPI_HZ = 1_000_000;

/** What the log says is missing or works again. */
const BUZZER = 'the buzzer';
const FAN = 'the fan';
const STRIP = 'the LED strip';

const STATES_OF_THE_MACHINE: readonly ErrorCode[] = ['HARDWARE_MISSING', 'HARDWARE_PERMISSION'];

export interface RaspberryPiSurroundings extends Dht22Places {
  readonly devDir: string;
  readonly kernel: () => Kernel;
  readonly clock: Clock;
  readonly notices: Notices;
}

export class RaspberryPiHardware implements Hardware {
  readonly #settings: HardwareSettings;
  readonly #around: RaspberryPiSurroundings;
  readonly #relays: Relays;
  readonly #strip: LedStripOutput;
  readonly #supply: SupplyWatch;
  readonly #cpu = new CpuUsage();
  readonly #dht22s = new Map<number, Dht22Reader>();
  readonly #bme680s = new Map<string, Bme680Driver>();
  readonly #i2cBuses = new Map<number, LinuxI2cBus>();
  readonly #spiBuses = new Map<number, SpiBus>();
  readonly #ports = new Map<string, SerialPort>();

  constructor(settings: HardwareSettings, around: RaspberryPiSurroundings) {
    const { devDir, sysDir, kernel, clock, notices } = around;
    this.#settings = settings;
    this.#around = around;
    this.#relays = new Relays(settings, devDir, kernel, clock, notices);
    this.#strip = new LedStripOutput(devDir, this.#spiBus(STRIP_SPI.bus), settings.leds.brightness);
    this.#supply = new SupplyWatch(sysDir, notices, clock);
  }

  /** Turns the relays off and says what of host.toml's devices is missing. Resolves when all was looked at. */
  async start(): Promise<void> {
    const { bme680, leds } = this.#settings;
    this.#supply.start();
    await Promise.all([
      this.#looked(BUZZER, async () => this.#relays.buzzerOff()),
      this.#looked(FAN, async () => this.#relays.fan.set(false)),
      this.#looked(`I²C bus ${bme680.bus}`, () => accessible(i2cFile(bme680.bus, this.#around.devDir))),
      ...(leds.driver === 'none' || leds.count === 0 ? [] : [this.#looked(STRIP, () => this.#stripIsThere())]),
    ]);
  }

  readDht22(pin: number): Promise<Dht22Measurement> {
    return this.#noted(`the DHT22 at GPIO ${pin}`, () =>
      known(
        this.#dht22s,
        pin,
        () => new Dht22Reader(() => readDht22Once(pin, this.#around), this.#around.clock),
      ).read(),
    );
  }

  readBme680(bus: number, address: number): Promise<Bme680Measurement> {
    const place = `${hexByte(address)} of bus ${bus}`;
    return this.#noted(`the BME680 at ${place}`, () =>
      known(this.#bme680s, place, () => new Bme680Driver(this.#i2cBus(bus), address, this.#around.clock)).measure(),
    );
  }

  i2cTransfer(bus: number, address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    return this.#noted(`I²C address ${hexByte(address)} of bus ${bus}`, () =>
      this.#i2cBus(bus).transfer(address, write, readLength),
    );
  }

  spiTransfer(bus: number, chipSelect: number, data: Uint8Array): Promise<Uint8Array> {
    return this.#noted(`SPI device ${bus}.${chipSelect}`, () =>
      this.#spiBus(bus).transfer(chipSelect, data, GUEST_SPI_HZ),
    );
  }

  uartRead(port: string, maxLength: number, timeoutMs: number): Promise<Uint8Array> {
    return this.#noted(`serial port ${port}`, () => this.#port(port).read(maxLength, timeoutMs));
  }

  uartWrite(port: string, data: Uint8Array): Promise<number> {
    return this.#noted(`serial port ${port}`, () => this.#port(port).write(data));
  }

  uartSetBaud(port: string, baudRate: number): Promise<void> {
    return this.#noted(`serial port ${port}`, () => this.#port(port).setBaud(baudRate));
  }

  beep(count: number, durationMs: number, intervalMs: number): Promise<void> {
    return this.#noted(BUZZER, async () => this.#relays.beeper.play(count, durationMs, intervalMs));
  }

  setFan(on: boolean): Promise<void> {
    return this.#noted(FAN, async () => this.#relays.fan.set(on));
  }

  fanState(): Promise<boolean> {
    return this.#noted(FAN, async () => this.#relays.fan.isOn());
  }

  cpuTemperature(): Promise<number> {
    return this.#noted("the processor's temperature", () => readCpuTemperature(this.#around.sysDir));
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

  async processImageNames(): Promise<readonly string[]> {
    throw noProcessImage();
  }

  async processImageRead(): Promise<ProcessImageValue> {
    throw noProcessImage();
  }

  async processImageWrite(): Promise<void> {
    throw noProcessImage();
  }

  /** With `driver = "none"` there is no strip, and nothing to be written. */
  async writeLeds(colors: Uint8Array): Promise<void> {
    const { count, driver } = this.#settings.leds;
    assertStripLength(colors, count);
    if (driver === 'none' || count === 0) return;
    await this.#noted(STRIP, () => this.#strip.write(colors));
  }

  /** The relays first: they are what may do harm. What cannot be put to rest is said in the log. */
  async close(): Promise<void> {
    await this.#looked('the relays', async () => this.#relays.close());
    await Promise.all([
      this.#looked(STRIP, () => this.#strip.close()),
      this.#supply.close(),
      ...[...this.#ports].map(([port, opened]) => this.#looked(`serial port ${port}`, () => opened.close())),
    ]);
    await Promise.all([...this.#i2cBuses.values(), ...this.#spiBuses.values()].map((bus) => bus.close()));
  }

  /** One per bus and per port that was granted to somebody: host.toml bounds their number. */
  #i2cBus(bus: number): LinuxI2cBus {
    const { devDir, kernel, clock } = this.#around;
    return known(
      this.#i2cBuses,
      bus,
      () => new LinuxI2cBus(bus, devDir, i2cAdapter(i2cFile(bus, devDir).path, kernel), clock),
    );
  }

  #spiBus(bus: number): SpiBus {
    const { devDir, kernel } = this.#around;
    return known(this.#spiBuses, bus, () => new SpiBus(bus, devDir, kernel));
  }

  #port(path: string): SerialPort {
    const { kernel, clock } = this.#around;
    return known(this.#ports, path, () => new SerialPort(path, kernel, clock));
  }

  async #stripIsThere(): Promise<void> {
    if (await this.#strip.hasKernelDriver()) return;
    await accessible(spiFile(STRIP_SPI.bus, STRIP_SPI.chipSelect, this.#around.devDir));
  }

  /** Nobody waits for the outcome but the log. */
  async #looked(subject: string, look: () => Promise<void>): Promise<void> {
    await this.#noted(subject, look).catch((error: Error) => this.#around.notices.trouble(subject, error.message));
  }

  /** An I/O error is told to whoever called; that a device is missing is also the administrator's business. */
  async #noted<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const { notices } = this.#around;
    let result: T;
    try {
      result = await work();
    } catch (error) {
      if (error instanceof WasiError && STATES_OF_THE_MACHINE.includes(error.code))
        notices.trouble(subject, error.message);
      throw error;
    }
    notices.fine(subject, `${subject}: works again`);
    return result;
  }
}

async function accessible(file: DeviceFile): Promise<void> {
  await access(file.path, constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw deviceError(error, file);
  });
}

function known<K, V>(all: Map<K, V>, key: K, make: () => V): V {
  const there = all.get(key);
  if (there !== undefined) return there;
  const made = make();
  all.set(key, made);
  return made;
}

function noProcessImage(): WasiError {
  return new WasiError('HARDWARE_MISSING', 'a Raspberry Pi has no process image; it is there on a RevPi only');
}
