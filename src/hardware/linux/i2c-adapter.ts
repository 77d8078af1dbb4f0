/**
 * One transfer over /dev/i2c-N. The file is opened for each: an open one would hold an adapter that is being unplugged,
 * and one that came back would have to be found again. Opening takes some µs, a transfer hundreds.
 *
 * Rejects with what the kernel says (KernelError, Node's file errors), or with HARDWARE_IO for what SMBus cannot do.
 */
import { closeSync, constants, openSync } from 'node:fs';
import * as abi from './i2c-abi';
import type { Kernel } from './kernel';
import { asSmbus, readBytes } from './smbus';

export type I2cAdapter = (address: number, write: Uint8Array, readLength: number) => Promise<Uint8Array>;

export function i2cAdapter(path: string, kernel: () => Kernel): I2cAdapter {
  return async (address, write, readLength) => {
    const calls = kernel();
    const fd = openSync(path, constants.O_RDWR);
    try {
      // A copy owns its buffer, as a pointer to it requires.
      const out = Uint8Array.from(write);
      if (hasI2c(calls, fd)) return await combined(calls, fd, address, out, readLength);
      return await smbus(calls, fd, address, out, readLength);
    } finally {
      closeSync(fd);
    }
  };
}

/** The adapter's abilities are an unsigned long. */
function hasI2c(kernel: Kernel, fd: number): boolean {
  const functions = new Uint8Array(kernel.pointerBytes);
  kernel.ioctl(fd, abi.I2C_FUNCS, functions);
  return (new DataView(functions.buffer).getUint32(0, true) & abi.FUNC_I2C) !== 0;
}

async function combined(kernel: Kernel, fd: number, address: number, write: Uint8Array, readLength: number) {
  const read = new Uint8Array(readLength);
  const { bytes, pointees } = abi.combinedTransfer(kernel, address, write, read);
  await kernel.ioctlAsync(fd, abi.I2C_RDWR, bytes, pointees);
  return read;
}

async function smbus(kernel: Kernel, fd: number, address: number, write: Uint8Array, readLength: number) {
  const operation = asSmbus(write, readLength);
  kernel.ioctl(fd, abi.I2C_SLAVE, address);
  const { bytes, pointees } = abi.smbusTransfer(kernel, operation);
  await kernel.ioctlAsync(fd, abi.I2C_SMBUS, bytes, pointees);
  return readBytes(operation, readLength);
}
