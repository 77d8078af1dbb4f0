/**
 * One I²C bus of the machine: transfers one after the other, each in libuv's pool, so that a stuck bus delays only those
 * who ask for it. A transfer that lost arbitration to another master is tried again. How long a transfer may take is the
 * adapter's own limit, 1 s on a Raspberry Pi.
 *
 * Rejects with HARDWARE_MISSING (no such bus, or nobody answers at the address), HARDWARE_PERMISSION, HARDWARE_IO.
 */

import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';
import { errnoOf } from '../../platform/errno';
import { BoundedMutex } from '../bounded-mutex';
import { hexByte, type I2cBus } from '../i2c-bus';
import { type DeviceFile, deviceError } from './device-errors';
import type { I2cAdapter } from './i2c-adapter';

/** Linux's adapters count a lost arbitration as EAGAIN (Documentation/i2c/fault-codes.rst). */
const MAX_TRIES = 4;
const RETRY_PAUSE_MS = 2;

export class LinuxI2cBus implements I2cBus {
  readonly #number: number;
  readonly #file: DeviceFile;
  readonly #adapter: I2cAdapter;
  readonly #clock: Clock;
  readonly #mutex: BoundedMutex;

  constructor(number: number, devDir: string, adapter: I2cAdapter, clock: Clock) {
    this.#number = number;
    this.#file = i2cFile(number, devDir);
    this.#adapter = adapter;
    this.#clock = clock;
    this.#mutex = new BoundedMutex(this.#file.what);
  }

  transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    return this.#mutex.run(() => this.#tried(address, write, readLength));
  }

  close(): Promise<void> {
    return this.#mutex.close();
  }

  async #tried(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#adapter(address, write, readLength);
      } catch (error) {
        if (errnoOf(error) !== 'EAGAIN' || attempt === MAX_TRIES) throw this.#explained(error, address);
      }
      await this.#clock.wait(RETRY_PAUSE_MS);
    }
  }

  #explained(error: unknown, address: number): WasiError {
    const code = errnoOf(error);
    const at = `I²C address ${hexByte(address)} of bus ${this.#number}`;
    switch (code) {
      case 'ENXIO':
      case 'EREMOTEIO':
        return new WasiError(
          'HARDWARE_MISSING',
          `nothing answers at ${at} (${code}): check wiring, supply and address; \`i2cdetect -y ${this.#number}\` shows what is there`,
          { cause: error },
        );
      case 'ETIMEDOUT':
        return this.#stuck(at, code, error);
      case 'EBUSY':
        return new WasiError(
          'HARDWARE_IO',
          `${at} is busy (EBUSY): a kernel driver holds the address, or the bus is stuck; unload that driver, or power the bus off and on`,
          { cause: error },
        );
      case 'EAGAIN':
        return new WasiError(
          'HARDWARE_IO',
          `${at} was not reached in ${MAX_TRIES} tries, since another master kept the bus (EAGAIN): check the wiring`,
          { cause: error },
        );
      default:
        return deviceError(error, this.#file);
    }
  }

  #stuck(at: string, code: string, cause: unknown): WasiError {
    return new WasiError(
      'HARDWARE_IO',
      `${at} gave no answer in time (${code}), the bus is stuck: a device holds SDA or SCL low; check the wiring and power the device off and on`,
      { cause },
    );
  }
}

export function i2cFile(number: number, devDir: string): DeviceFile {
  return {
    what: `I²C bus ${number}`,
    path: join(devDir, `i2c-${number}`),
    group: 'i2c',
    enable:
      number === 1
        ? 'turn it on with `sudo raspi-config nonint do_i2c 0`, or with dtparam=i2c_arm=on in /boot/firmware/config.txt and a reboot'
        : `turn it on with the overlay i2c${number} in /boot/firmware/config.txt and a reboot`,
  };
}
