/**
 * Full-duplex transfers over /dev/spidevB.C (linux/spi/spidev.h), one after the other on a bus, each in libuv's pool. The
 * file is opened for each transfer, so that a device that was unplugged comes back by itself. Mode 0, 8 bits a word.
 *
 * Rejects with HARDWARE_MISSING, HARDWARE_PERMISSION or HARDWARE_IO.
 */

import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { errnoOf } from '../../platform/errno';
import { BoundedMutex } from '../bounded-mutex';
import { type DeviceFile, deviceError } from './device-errors';
import { iow } from './ioctl-number';
import type { Kernel } from './kernel';

/**
 * struct spi_ioc_transfer, the same on 32 and 64 bits: tx_buf (u64), rx_buf (u64), len (u32), speed_hz (u32), then
 * delay_usecs (u16), bits_per_word (u8) and six more bytes, all zero for the device's defaults.
 */
const TRANSFER_BYTES = 32;
/** SPI_IOC_MESSAGE(1) */
export const SPI_IOC_MESSAGE_1 = iow('k'.charCodeAt(0), 0, TRANSFER_BYTES);

const BITS_PER_WORD = 8;

export class SpiBus {
  readonly #bus: number;
  readonly #devDir: string;
  readonly #kernel: () => Kernel;
  readonly #mutex: BoundedMutex;

  constructor(bus: number, devDir: string, kernel: () => Kernel) {
    this.#bus = bus;
    this.#devDir = devDir;
    this.#kernel = kernel;
    this.#mutex = new BoundedMutex(`SPI bus ${bus}`);
  }

  /** As many bytes come back as went out. */
  transfer(chipSelect: number, data: Uint8Array, speedHz: number): Promise<Uint8Array> {
    return this.#mutex.run(() => this.#transfer(chipSelect, data, speedHz));
  }

  close(): Promise<void> {
    return this.#mutex.close();
  }

  async #transfer(chipSelect: number, data: Uint8Array, speedHz: number): Promise<Uint8Array> {
    const file = spiFile(this.#bus, chipSelect, this.#devDir);
    try {
      return await exchange(this.#kernel(), file.path, data, speedHz);
    } catch (error) {
      if (errnoOf(error) === 'EMSGSIZE') throw tooLong(file.what, data.length, error);
      throw deviceError(error, file);
    }
  }
}

async function exchange(kernel: Kernel, path: string, data: Uint8Array, speedHz: number): Promise<Uint8Array> {
  const fd = openSync(path, constants.O_RDWR);
  try {
    // A copy owns its buffer, as a pointer to it requires.
    const out = Uint8Array.from(data);
    const back = new Uint8Array(data.length);
    const message = spiMessage(kernel.addressOf(out), kernel.addressOf(back), data.length, speedHz);
    await kernel.ioctlAsync(fd, SPI_IOC_MESSAGE_1, message, [out, back]);
    return back;
  } finally {
    closeSync(fd);
  }
}

export function spiMessage(out: bigint, back: bigint, length: number, speedHz: number): Uint8Array {
  const bytes = new Uint8Array(TRANSFER_BYTES);
  const fields = new DataView(bytes.buffer);
  fields.setBigUint64(0, out, true);
  fields.setBigUint64(8, back, true);
  fields.setUint32(16, length, true);
  fields.setUint32(20, speedHz, true);
  fields.setUint8(26, BITS_PER_WORD);
  return bytes;
}

export function spiFile(bus: number, chipSelect: number, devDir: string): DeviceFile {
  return {
    what: `SPI device ${bus}.${chipSelect}`,
    path: join(devDir, `spidev${bus}.${chipSelect}`),
    group: 'spi',
    enable:
      bus === 0
        ? 'turn it on with `sudo raspi-config nonint do_spi 0`, or with dtparam=spi=on in /boot/firmware/config.txt and a reboot'
        : `turn it on with dtoverlay=spi${bus}-${chipSelect + 1}cs in /boot/firmware/config.txt and a reboot`,
  };
}

/** `bufsiz` of drivers/spi/spidev.c is 4096 unless the kernel's command line says otherwise. */
function tooLong(what: string, length: number, cause: unknown): WasiError {
  return new WasiError(
    'HARDWARE_IO',
    `${length} bytes are more than ${what} takes at once (EMSGSIZE): add spidev.bufsiz=${Math.max(8_192, length)} to the line in /boot/firmware/cmdline.txt and reboot`,
    { cause },
  );
}
