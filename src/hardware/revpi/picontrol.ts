/**
 * The device file of piControl, /dev/piControl0: opened for each use, so that a driver that was loaded anew is found. Every
 * call returns at once, since the driver copies from and to memory; what is on the PiBridge, it exchanges by itself.
 *
 * Throws HARDWARE_MISSING (no such file), HARDWARE_PERMISSION (group picontrol) and HARDWARE_IO: the PiBridge does not run
 * (EAGAIN), or the driver fails otherwise.
 */

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { errnoOf } from '../../platform/errno';
import { type DeviceFile, deviceError } from '../linux/device-errors';
import type { Kernel } from '../linux/kernel';
import {
  bitSetting,
  KB_FIND_VARIABLE,
  KB_GET_DEVICE_INFO_LIST,
  KB_SET_VALUE,
  type Module,
  moduleListBuffer,
  type Place,
  parseModules,
  parsePlace,
  variableQuestion,
} from './picontrol-abi';

/** What the driver says of a name that it does not know, and of any name when it has no configuration at all. */
const UNKNOWN: readonly (string | undefined)[] = ['EFAULT', 'ENOENT'];

/** The open image; of no use after the work it was opened for. */
export interface OpenImage {
  /** Undefined where the driver knows no such variable. */
  find(name: string): Place | undefined;
  modules(): readonly Module[];
  read(address: number, length: number): Uint8Array;
  write(address: number, bytes: Uint8Array): void;
  setBit(address: number, bit: number, on: boolean): void;
}

export class PiControl {
  readonly #file: DeviceFile;
  readonly #kernel: () => Kernel;

  constructor(devDir: string, kernel: () => Kernel) {
    this.#kernel = kernel;
    this.#file = {
      what: "the RevPi's process image",
      path: join(devDir, 'piControl0'),
      group: 'picontrol',
      enable: 'it is there once the driver is loaded (`sudo modprobe piControl`), on a RevPi with a PiBridge',
    };
  }

  use<T>(work: (image: OpenImage) => T): T {
    try {
      const fd = openSync(this.#file.path, constants.O_RDWR);
      try {
        return work(openImage(fd, this.#kernel));
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): WasiError {
    const { path } = this.#file;
    switch (errnoOf(error)) {
      case 'EAGAIN':
        return new WasiError(
          'HARDWARE_IO',
          `the PiBridge does not run (${path}, EAGAIN): \`piTest -d\` shows its modules, \`piTest -x\` starts it anew`,
          { cause: error },
        );
      case 'ENOTTY':
        return new WasiError('HARDWARE_IO', `${path} is not the driver piControl (ENOTTY)`, { cause: error });
      case 'EIO':
      case 'EFAULT':
      case 'EINVAL':
        return new WasiError(
          'HARDWARE_IO',
          `piControl failed (${path}, ${errnoOf(error)}): \`dmesg | grep -i picontrol\` says why, \`piTest -x\` starts it anew`,
          { cause: error },
        );
      default:
        return deviceError(error, this.#file);
    }
  }
}

function openImage(fd: number, kernel: () => Kernel): OpenImage {
  return {
    find(name) {
      const question = variableQuestion(name);
      try {
        kernel().ioctl(fd, KB_FIND_VARIABLE, question);
      } catch (error) {
        if (UNKNOWN.includes(errnoOf(error))) return undefined;
        throw error;
      }
      return parsePlace(question);
    },
    modules() {
      const list = moduleListBuffer();
      return parseModules(list, kernel().ioctl(fd, KB_GET_DEVICE_INFO_LIST, list));
    },
    read(address, length) {
      const bytes = new Uint8Array(length);
      if (readSync(fd, bytes, 0, length, address) < length) throw cutShort(address, length);
      return bytes;
    },
    write(address, bytes) {
      if (writeSync(fd, bytes, 0, bytes.length, address) < bytes.length) throw cutShort(address, bytes.length);
    },
    setBit(address, bit, on) {
      kernel().ioctl(fd, KB_SET_VALUE, bitSetting(address, bit, on));
    },
  };
}

function cutShort(address: number, length: number): WasiError {
  return new WasiError('HARDWARE_IO', `the process image ends before byte ${address + length}`);
}
