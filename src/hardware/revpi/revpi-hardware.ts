/**
 * The devices of a Revolution Pi: the process image, its own LEDs A1 to A5 and its temperature through it, and serial
 * ports, I²C and SPI as on a Raspberry Pi where the RevPi has them (/dev/ttyRS485). It has no GPIO header: the compute
 * module's pins drive the RevPi itself and are never touched, so a DHT22, a buzzer and a fan are missing. A fan that is
 * asked for is off, and one that is switched off stays so, since a monitor of the machine asks at each of its polls.
 *
 * Opening never fails: what is missing is said in the log and at each call. Tried against a stand-in for the driver
 * (test/kernel/machine/picontrol.c), not against a RevPi. Rejects as hardware.ts says.
 */
import { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';
import type { Dht22Measurement, Hardware, HardwareSettings, ProcessImageValue } from '../hardware';
import type { Kernel } from '../linux/kernel';
import { assertStripLength } from '../linux/led-strip';
import { LinuxMachine } from '../linux/linux-machine';
import { readCpuTemperature } from '../linux/thermal';
import type { Notices } from '../notices';
import { isStateOfMachine } from '../told-work';
import { RevPiBaseModule } from './base-module';
import { ConfigurationFile } from './configuration-file';
import { PiControl } from './picontrol';
import { ProcessImage } from './process-image';

/** What the log says is missing or works again. */
const IMAGE = 'the process image';
const LEDS = 'the LEDs A1 to A5';

export interface RevPiSurroundings {
  readonly devDir: string;
  readonly sysDir: string;
  /** /etc/revpi/config.rsc */
  readonly configFile: string;
  readonly kernel: () => Kernel;
  readonly clock: Clock;
  readonly notices: Notices;
}

export class RevPiHardware extends LinuxMachine implements Hardware {
  readonly #settings: HardwareSettings;
  readonly #around: RevPiSurroundings;
  readonly #file: ConfigurationFile;
  readonly #control: PiControl;
  readonly #image: ProcessImage;
  readonly #base: RevPiBaseModule;
  #closing: Promise<void> | undefined;

  constructor(settings: HardwareSettings, around: RevPiSurroundings) {
    const { devDir, configFile, kernel, notices } = around;
    // No DHT22 is ever asked for, and so no driver of one.
    super({ ...around, moduleFolders: [] }, notices);
    this.#settings = settings;
    this.#around = around;
    this.#file = new ConfigurationFile(configFile);
    this.#control = new PiControl(devDir, kernel);
    this.#image = new ProcessImage(this.#file, this.#control);
    this.#base = new RevPiBaseModule(this.#file, this.#control);
  }

  /** Says whether the process image may be used. */
  async start(): Promise<void> {
    const configuration = await this.#file.current();
    if (configuration.kind === 'unreadable') {
      this.#around.notices.trouble('PiCtory', `${configuration.because}: save the configuration in PiCtory`);
    }
    await this.told.look(IMAGE, async () => this.#control.use(() => undefined));
  }

  async readDht22(pin: number): Promise<Dht22Measurement> {
    throw missing(`a DHT22 at GPIO ${pin}`);
  }

  async beep(): Promise<void> {
    throw missing('a buzzer');
  }

  async setFan(on: boolean): Promise<void> {
    if (on) throw missing('a fan');
  }

  async fanState(): Promise<boolean> {
    return false;
  }

  /** As piControl says, whole °C; the kernel's thermal zone where no Connect 4 or 5 is configured or piControl is absent. */
  async cpuTemperature(): Promise<number> {
    const told = await this.#base.temperature().catch((error: unknown) => {
      if (isStateOfMachine(error)) return undefined;
      throw error;
    });
    return told ?? readCpuTemperature(this.#around.sysDir);
  }

  processImageNames(): Promise<readonly string[]> {
    return this.#image.names();
  }

  processImageRead(name: string): Promise<ProcessImageValue> {
    return this.told.run(IMAGE, () => this.#image.read(name));
  }

  processImageWrite(name: string, value: ProcessImageValue): Promise<void> {
    return this.told.run(IMAGE, () => this.#image.write(name, value));
  }

  /** With `driver = "none"` the LEDs are somebody else's. */
  async writeLeds(colors: Uint8Array): Promise<void> {
    const { count, driver } = this.#settings.leds;
    assertStripLength(colors, count);
    if (driver === 'none' || count === 0) return;
    await this.told.run(LEDS, () => this.#base.showLeds(colors));
  }

  /** Outputs stay as they were last written, as PiCtory and other programs expect it. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.told.end();
    if (this.#settings.leds.onClose === 'dark') await this.told.close(LEDS, () => this.#base.close());
    await this.told.close('buses and serial ports', () => this.devices.close());
  }
}

function missing(what: string): WasiError {
  return new WasiError(
    'HARDWARE_MISSING',
    `a RevPi has no GPIO header, and so not ${what}; use inputs and outputs of the process image`,
  );
}
