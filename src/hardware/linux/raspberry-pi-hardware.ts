/**
 * The devices of a Raspberry Pi (Zero 2 W, 3, 4, 5) through the kernel's own interfaces: GPIO character device, i2c-dev,
 * spidev, IIO, thermal zones, serial ports. No root is needed, only the groups gpio, i2c, spi and dialout.
 *
 * Opening never fails: what is missing is said once in the log and at each call that needs it, everything else works, and
 * what comes back is found again. Only the relays and serial ports stay open between calls; the relays are off from the
 * start on. Rejects as hardware.ts says.
 *
 * Has run on a real kernel's drivers (gpio-sim, i2c-gpio, i2c-stub, spi-gpio, dht11, ptys), and on no Raspberry Pi yet.
 */
import { access, constants } from 'node:fs/promises';
import { WasiError } from '../../errors/wasi-error';
import type { Dht22Measurement, Hardware, HardwareSettings, ProcessImageValue } from '../hardware';
import type { Notices } from '../notices';
import { type DeviceFile, deviceError } from './device-errors';
import { assertStripLength, LedStripOutput, STRIP_SPI } from './led-strip';
import { i2cFile } from './linux-i2c-bus';
import { bme680At, LinuxMachine } from './linux-machine';
import type { DevicePlaces } from './opened-devices';
import { BUZZER, Relays } from './relays';
import { spiFile } from './spi-device';
import { SupplyWatch } from './supply-watch';
import { readCpuTemperature } from './thermal';

/** What the log says is missing or works again. */
const FAN = 'the fan';
const STRIP = 'the LED strip';

export interface RaspberryPiSurroundings extends DevicePlaces {
  readonly notices: Notices;
}

export class RaspberryPiHardware extends LinuxMachine implements Hardware {
  readonly #settings: HardwareSettings;
  readonly #around: RaspberryPiSurroundings;
  readonly #relays: Relays;
  readonly #strip: LedStripOutput;
  readonly #supply: SupplyWatch;
  #closing: Promise<void> | undefined;

  constructor(settings: HardwareSettings, around: RaspberryPiSurroundings) {
    const { devDir, sysDir, kernel, clock, notices } = around;
    super(around, notices);
    this.#settings = settings;
    this.#around = around;
    this.#relays = new Relays(settings, devDir, kernel, clock, notices);
    this.#strip = new LedStripOutput(devDir, this.devices.spiBus(STRIP_SPI.bus), settings.leds);
    this.#supply = new SupplyWatch(sysDir, notices, clock);
  }

  /** Turns the relays off and says what of host.toml's devices is missing. Resolves when all was looked at. */
  async start(): Promise<void> {
    const { bme680, leds } = this.#settings;
    this.#supply.start();
    await Promise.all([
      this.told.look(BUZZER, async () => this.#relays.buzzerOff()),
      this.told.look(FAN, async () => this.#relays.fan.set(false)),
      this.told.look(bme680At(bme680.bus, bme680.address), () => accessible(i2cFile(bme680.bus, this.#around.devDir))),
      ...(leds.driver === 'none' || leds.count === 0 ? [] : [this.told.look(STRIP, () => this.#stripIsThere())]),
    ]);
  }

  readDht22(pin: number): Promise<Dht22Measurement> {
    return this.told.run(`the DHT22 at GPIO ${pin}`, () => this.devices.dht22(pin).read());
  }

  beep(count: number, durationMs: number, intervalMs: number): Promise<void> {
    return this.told.run(BUZZER, async () => this.#relays.beeper.play(count, durationMs, intervalMs));
  }

  setFan(on: boolean): Promise<void> {
    return this.told.run(FAN, async () => this.#relays.fan.set(on));
  }

  fanState(): Promise<boolean> {
    return this.told.run(FAN, async () => this.#relays.fan.isOn());
  }

  cpuTemperature(): Promise<number> {
    return this.told.run("the processor's temperature", () => readCpuTemperature(this.#around.sysDir));
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
    await this.told.run(STRIP, () => this.#strip.write(colors));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** The relays first: they are what may do harm. What cannot be put to rest is said in the log. */
  async #end(): Promise<void> {
    this.told.end();
    await this.told.close('the relays', async () => this.#relays.close());
    await Promise.all([this.told.close(STRIP, () => this.#strip.close()), this.#supply.close()]);
    await this.told.close('buses and serial ports', () => this.devices.close());
  }

  async #stripIsThere(): Promise<void> {
    if (await this.#strip.hasKernelDriver()) return;
    await accessible(spiFile(STRIP_SPI.bus, STRIP_SPI.chipSelect, this.#around.devDir));
  }
}

async function accessible(file: DeviceFile): Promise<void> {
  await access(file.path, constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw deviceError(error, file);
  });
}

function noProcessImage(): WasiError {
  return new WasiError('HARDWARE_MISSING', 'a Raspberry Pi has no process image; it is there on a RevPi only');
}
