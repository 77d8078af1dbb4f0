/**
 * The RevPi itself in the process image: SRevPiProcessImage of a Connect 4 or 5 (github.com/RevolutionPi/piControl,
 * src/revpi_core.h; RevPiConnect4_20230409_1_0.rap): status, I/O cycle, RS485 errors (2), CPU °C, CPU MHz/10, outputs,
 * RS485 limits (2 + 2), LEDs (2). The LEDs are three bits each, red, green and blue, from A1 on (PICONTROL_LED_RGB_A1_RED
 * and following, picontrol_intern.h). The other RevPis have fewer LEDs, in other bits, and are not written to.
 *
 * No such LED or RevPi: HARDWARE_MISSING; the PiBridge does not run: HARDWARE_IO, since the image is then not renewed.
 */
import { WasiError } from '../../errors/wasi-error';
import { BoundedMutex } from '../bounded-mutex';
import type { BaseModule } from './config-rsc';
import type { ConfigurationFile } from './configuration-file';
import type { OpenImage, PiControl } from './picontrol';

const CONNECT_4 = 136;
const CONNECT_5 = 138;
const STATUS = 0;
/** PICONTROL_STATUS_RUNNING */
const RUNNING = 0x01;
const TEMPERATURE = 4;
const LEDS = 11;
const LED_BYTES = 2;

/** A1 to A5. */
export const REVPI_LEDS = 5;
const BITS_PER_LED = 3;
const BYTES_PER_COLOR = 3;

export class RevPiBaseModule {
  readonly #file: ConfigurationFile;
  readonly #control: PiControl;
  readonly #mutex = new BoundedMutex('the LEDs A1 to A5');
  #lit = 0;

  constructor(file: ConfigurationFile, control: PiControl) {
    this.#file = file;
    this.#control = control;
  }

  /** °C, whole; undefined where no Connect 4 or 5 is configured. */
  async temperature(): Promise<number | undefined> {
    const base = await this.#base();
    if (base === undefined) return undefined;
    return this.#control.use((image) => {
      const bytes = image.read(base.offset + STATUS, TEMPERATURE + 1);
      const [status = 0] = bytes;
      if ((status & RUNNING) === 0) throw notRunning();
      // The driver keeps the low byte of its number: −5 °C is 251.
      return new DataView(bytes.buffer).getInt8(TEMPERATURE);
    });
  }

  /** Three bytes (R, G, B) an LED, A1 first; those beyond A5 are nowhere. Written at once, in one write. */
  showLeds(colors: Uint8Array): Promise<void> {
    return this.#mutex.run(() => this.#show(colors));
  }

  /** Dark, as far as LEDs were ever shown, after the write that is under way, if there is one. */
  async close(): Promise<void> {
    await this.#mutex.close();
    if (this.#lit > 0) await this.#show(new Uint8Array(this.#lit * BYTES_PER_COLOR));
  }

  async #show(colors: Uint8Array): Promise<void> {
    const base = await this.#base();
    if (base === undefined) {
      throw new WasiError(
        'HARDWARE_MISSING',
        `the LEDs A1 to A5 are those of a RevPi Connect 4 or 5, and ${this.#file.path} has none: put it into PiCtory's configuration, or set driver = "none" under [leds] in host.toml`,
      );
    }
    const count = Math.min(REVPI_LEDS, colors.length / BYTES_PER_COLOR);
    this.#control.use((image) => writeLedBits(image, base.offset + LEDS, ledBits(colors, count), count));
    this.#lit = Math.max(this.#lit, count);
  }

  async #base(): Promise<BaseModule | undefined> {
    const configuration = await this.#file.current();
    const base = configuration.kind === 'read' ? configuration.config.base : undefined;
    return base?.type === CONNECT_4 || base?.type === CONNECT_5 ? base : undefined;
  }
}

/** LEDs that host.toml does not count stay as some other program has set them. */
function writeLedBits(image: OpenImage, address: number, bits: number, count: number): void {
  const fields = new DataView(image.read(address, LED_BYTES).buffer);
  const kept = fields.getUint16(0, true) & ~(2 ** (count * BITS_PER_LED) - 1);
  fields.setUint16(0, kept | bits, true);
  image.write(address, new Uint8Array(fields.buffer));
}

/** What is dimmer than this share of its colour's brightest channel is off: so amber (255, 120, 0) is yellow and not red. */
const LIT_SHARE = 1 / 3;

/** Each channel is on or off, by its share of the colour and not by its brightness: only black is dark. */
export function ledBits(colors: Uint8Array, count: number): number {
  let bits = 0;
  for (let led = 0; led < count; led += 1) {
    const channels = [...colors.subarray(led * BYTES_PER_COLOR, (led + 1) * BYTES_PER_COLOR)];
    const brightest = Math.max(...channels);
    for (const [channel, level] of channels.entries()) {
      if (brightest > 0 && level >= LIT_SHARE * brightest) bits |= 1 << (led * BITS_PER_LED + channel);
    }
  }
  return bits;
}

function notRunning(): WasiError {
  return new WasiError(
    'HARDWARE_IO',
    'the PiBridge does not run (RevPiStatus, bit 0): `piTest -d` shows its modules, `piTest -x` starts it anew',
  );
}
