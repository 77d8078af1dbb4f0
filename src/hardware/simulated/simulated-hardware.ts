/**
 * A whole machine's devices in memory: the default wherever there are none. Its sensors speak the real ones' protocols
 * (frames, registers) to the real parsers and drivers, so what a plugin gets here it will get from a real sensor; strip,
 * relays, ports and a display on the I²C bus remember what was written. Memory, processor and uptime are the machine's own.
 *
 * Rejects as hardware.ts says: a sensor that host.toml does not name is missing here, as it would be on a real machine.
 */
import { WasiError } from '../../errors/wasi-error';
import { type Clock, systemClock } from '../../platform/clock';
import { Beeper } from '../beeper';
import { Bme680Driver } from '../bme680/driver';
import { parseDht22Frame } from '../dht22/dht22-frame';
import { Dht22Reader } from '../dht22/dht22-reader';
import type {
  Bme680Measurement,
  Dht22Measurement,
  Hardware,
  HardwareSettings,
  MemoryUsage,
  ProcessImageValue,
  WorldChanges,
  WorldNow,
} from '../hardware';
import { hexByte } from '../i2c-bus';
import { CpuUsage, memoryUsage, uptimeSeconds } from '../machine-usage';
import type { Environment } from './bme680-adc';
import { SimulatedBme680 } from './bme680-chip';
import { SimulatedDht22 } from './dht22-sensor';
import { SimulatedSsd1306 } from './ssd1306-chip';
import { UartLoopback } from './uart-loopback';
import { World } from './world';

const BYTES_PER_LED = 3;
/** Where the modules of a display are that are sold for a Raspberry Pi. */
const DISPLAY = { bus: 1, address: 0x3c } as const;
/** A thermal zone of the kernel counts in m°C. */
const STEPS_PER_C = 1_000;

/** What was written, as the world outside would see it. */
export interface OutputsSnapshot {
  /** Three bytes (R, G, B) an LED. */
  readonly leds: Uint8Array;
  readonly buzzerOn: boolean;
  readonly fanOn: boolean;
}

export class SimulatedHardware implements Hardware {
  readonly #settings: HardwareSettings;
  /**
   * ms since 1970 when this was made, and from then on only forward: a step of the wall clock must not let the simulated
   * surroundings jump.
   */
  readonly #worldNow: () => number;
  readonly #world: World;
  readonly #dht22: Dht22Reader;
  readonly #bme680: Bme680Driver;
  readonly #bme680Chip: SimulatedBme680;
  readonly #display = new SimulatedSsd1306();
  readonly #cpu = new CpuUsage();
  readonly #uarts = new Map<string, UartLoopback>();
  readonly #beeper: Beeper;
  #leds: Uint8Array;
  #buzzerOn = false;
  #fanOn = false;

  constructor(
    settings: HardwareSettings,
    readonly clock: Clock = systemClock,
  ) {
    this.#settings = settings;
    const offset = clock.now() - clock.monotonic();
    this.#worldNow = () => offset + clock.monotonic();
    this.#world = new World(settings.simulation);
    const dht22 = new SimulatedDht22(this.#world, clock, this.#worldNow);
    this.#dht22 = new Dht22Reader(async () => parseDht22Frame(await dht22.readFrame()), clock);
    this.#bme680Chip = new SimulatedBme680((at) => this.#environmentAt(at), this.#worldNow);
    this.#bme680 = new Bme680Driver(
      { transfer: (address, write, readLength) => this.i2cTransfer(settings.bme680.bus, address, write, readLength) },
      settings.bme680.address,
      clock,
    );
    this.#beeper = new Beeper(
      (on) => {
        this.#buzzerOn = on;
      },
      clock,
      (error) => {
        // A relay in memory does not fail.
        throw error;
      },
    );
    this.#leds = new Uint8Array(settings.leds.count * BYTES_PER_LED);
  }

  snapshot(): OutputsSnapshot {
    return Object.freeze({ leds: this.#leds.slice(), buzzerOn: this.#buzzerOn, fanOn: this.#fanOn });
  }

  async readDht22(pin: number): Promise<Dht22Measurement> {
    const { dht22Pin } = this.#settings;
    if (pin !== dht22Pin) {
      throw missing(`no DHT22 at GPIO ${pin}: host.toml has it at GPIO ${dht22Pin} ([sensors.dht22] gpio_pin)`);
    }
    return this.#dht22.read();
  }

  async readBme680(bus: number, address: number): Promise<Bme680Measurement> {
    if (!this.#isBme680(bus, address)) {
      const { bme680 } = this.#settings;
      throw missing(
        `no BME680 at I²C address ${hexByte(address)} of bus ${bus}: host.toml has it at ${hexByte(bme680.address)} of bus ${bme680.bus} ([sensors.bme680])`,
      );
    }
    return this.#bme680.measure();
  }

  async i2cTransfer(bus: number, address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    if (this.#isBme680(bus, address)) return this.#bme680Chip.transfer(write, readLength);
    if (bus === DISPLAY.bus && address === DISPLAY.address) return this.#display.transfer(write, readLength);
    throw missing(
      `nothing answers at I²C address ${hexByte(address)} of bus ${bus} (ENXIO); simulated hardware has the BME680, and a display (SSD1306) at ${hexByte(DISPLAY.address)} of bus ${DISPLAY.bus}`,
    );
  }

  /** MOSI is wired to MISO. */
  async spiTransfer(_bus: number, _chipSelect: number, data: Uint8Array): Promise<Uint8Array> {
    return data.slice();
  }

  async uartRead(port: string, maxLength: number, timeoutMs: number): Promise<Uint8Array> {
    return this.#uart(port).read(maxLength, timeoutMs);
  }

  async uartWrite(port: string, data: Uint8Array): Promise<number> {
    return this.#uart(port).write(data);
  }

  /** A loopback understands itself at any speed. */
  async uartSetBaud(): Promise<void> {}

  async beep(count: number, durationMs: number, intervalMs: number): Promise<void> {
    this.#beeper.play(count, durationMs, intervalMs);
  }

  async setFan(on: boolean): Promise<void> {
    this.#fanOn = on;
  }

  async fanState(): Promise<boolean> {
    return this.#fanOn;
  }

  async cpuTemperature(): Promise<number> {
    return Math.round(this.#world.valueAt('cpuTemperature', this.#worldNow()) * STEPS_PER_C) / STEPS_PER_C;
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

  /** With `driver = "none"` there is no strip, and nothing to be dark. */
  async writeLeds(colors: Uint8Array): Promise<void> {
    const { count, driver } = this.#settings.leds;
    if (colors.length !== count * BYTES_PER_LED) {
      throw new WasiError(
        'HARDWARE_IO',
        `the strip has ${count} LEDs, but colours for ${colors.length / BYTES_PER_LED} were written`,
      );
    }
    if (driver !== 'none') this.#leds = colors.slice();
  }

  async simulate({ simulation, fan, buzzerMs }: WorldChanges): Promise<WorldNow> {
    this.#world.change(simulation);
    if (fan !== undefined) this.#fanOn = fan;
    if (buzzerMs === 0) this.#beeper.stop();
    else if (buzzerMs !== undefined) this.#beeper.play(1, buzzerMs, 0);
    const display = this.#display.picture();
    return {
      values: this.#world.at(this.#worldNow()),
      buzzerOn: this.#buzzerOn,
      fanOn: this.#fanOn,
      ...(display === undefined ? {} : { display }),
    };
  }

  async close(): Promise<void> {
    this.#beeper.stop();
    this.#fanOn = false;
    if (this.#settings.leds.onClose === 'dark') this.#leds.fill(0);
    for (const uart of this.#uarts.values()) uart.close();
  }

  #isBme680(bus: number, address: number): boolean {
    const { bme680 } = this.#settings;
    return bus === bme680.bus && address === bme680.address;
  }

  #environmentAt(atMs: number): Environment {
    return {
      temperature: this.#world.valueAt('bme680Temperature', atMs),
      humidity: this.#world.valueAt('bme680Humidity', atMs),
      pressure: this.#world.valueAt('bme680Pressure', atMs),
      gasResistance: this.#world.valueAt('bme680GasResistance', atMs),
    };
  }

  /** One per port that was granted to somebody: host.toml bounds their number. */
  #uart(port: string): UartLoopback {
    const known = this.#uarts.get(port);
    if (known) return known;
    const opened = new UartLoopback(this.clock);
    this.#uarts.set(port, opened);
    return opened;
  }
}

function missing(what: string): WasiError {
  return new WasiError('HARDWARE_MISSING', what);
}

function noProcessImage(): WasiError {
  return missing('simulated hardware has no process image; it is there on a RevPi only');
}
