/**
 * The strip of WS2812 LEDs: through the kernel's driver where its overlay is loaded (/dev/leds0, Raspberry Pi 5), else
 * over the data line of SPI bus 0 (GPIO 10). It is looked for at each write, so a strip that comes back is found.
 *
 * The kernel's driver takes one frame per open file, since it can only be written from the start and cannot be rewound
 * (drivers/misc/ws2812-pio-rp1.c), and corrects gamma itself unless its overlay says brightness=0. Written after its source;
 * no Raspberry Pi 5 has run it.
 */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { WS2812_SPI_HZ, ws2812RgbwFrame, ws2812SpiFrame } from '../../leds/ws2812-frame';
import { errnoOf } from '../../platform/errno';
import { BoundedMutex } from '../bounded-mutex';
import type { LedSettings } from '../hardware';
import { deviceError } from './device-errors';
import type { SpiBus } from './spi-device';

/** /dev/spidev0.0 drives GPIO 10 as MOSI. */
export const STRIP_SPI = { bus: 0, chipSelect: 0 } as const;

const KERNEL_STRIP = 'leds0';
const BYTES_PER_LED = 3;

export class LedStripOutput {
  readonly #path: string;
  readonly #spi: SpiBus;
  readonly #settings: LedSettings;
  readonly #mutex = new BoundedMutex('the LED strip');
  #lit: number | undefined;

  constructor(devDir: string, spi: SpiBus, settings: LedSettings) {
    this.#path = join(devDir, KERNEL_STRIP);
    this.#spi = spi;
    this.#settings = settings;
  }

  write(colors: Uint8Array): Promise<void> {
    return this.#mutex.run(() => this.#show(colors));
  }

  async hasKernelDriver(): Promise<boolean> {
    const strip = await this.#openKernelStrip();
    await strip?.close();
    return strip !== undefined;
  }

  /** Dark, where anything was ever written and nothing is to stay: after the write that is under way, if there is one. */
  async close(): Promise<void> {
    await this.#mutex.close();
    if (this.#lit !== undefined && this.#settings.onClose === 'dark') await this.#show(new Uint8Array(this.#lit));
  }

  async #show(colors: Uint8Array): Promise<void> {
    const { brightness } = this.#settings;
    const strip = await this.#openKernelStrip();
    if (strip) await writeFrame(strip, this.#path, ws2812RgbwFrame(colors, brightness));
    else await this.#spi.transfer(STRIP_SPI.chipSelect, ws2812SpiFrame(colors, brightness), WS2812_SPI_HZ);
    this.#lit = colors.length;
  }

  /** Without O_CREAT: where there is no such device, no file is left behind. */
  async #openKernelStrip(): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path, constants.O_WRONLY);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      if (errnoOf(error) !== 'EACCES') throw deviceError(error, stripFile(this.#path));
      throw new WasiError(
        'HARDWARE_PERMISSION',
        `${this.#path} may not be opened (EACCES): add KERNEL=="leds[0-9]*", GROUP="gpio", MODE="0660" to /etc/udev/rules.d/60-leds.rules, reboot, and give the user of Node-RED the group gpio`,
        { cause: error },
      );
    }
  }
}

async function writeFrame(strip: FileHandle, path: string, frame: Uint8Array): Promise<void> {
  try {
    await strip.write(frame);
  } catch (error) {
    if (errnoOf(error) === 'EFBIG' || errnoOf(error) === 'ENOSPC') {
      throw new WasiError(
        'HARDWARE_IO',
        `${path} is shorter than the ${frame.length / 4} LEDs of host.toml (${errnoOf(error)}): set num_leds of dtoverlay=ws2812-pio in /boot/firmware/config.txt, or [leds] count`,
        { cause: error },
      );
    }
    throw deviceError(error, stripFile(path));
  } finally {
    await strip.close();
  }
}

function stripFile(path: string) {
  return {
    what: 'the LED strip',
    path,
    group: 'gpio' as const,
    enable: 'its overlay (dtoverlay=ws2812-pio) was removed',
  };
}

/** Throws where the colours are none of a strip of `count` LEDs. */
export function assertStripLength(colors: Uint8Array, count: number): void {
  if (colors.length === count * BYTES_PER_LED) return;
  throw new WasiError(
    'HARDWARE_IO',
    `the strip has ${count} LEDs, but colours for ${colors.length / BYTES_PER_LED} were written`,
  );
}
