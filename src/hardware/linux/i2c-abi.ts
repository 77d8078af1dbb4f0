/**
 * Structures and numbers of /dev/i2c-N (linux/i2c-dev.h, linux/i2c.h). Structures that hold pointers differ between 32
 * and 64 bits; what a pointer leads to must be kept until the call has ended, which is what `pointees` are for.
 */
import type { Kernel } from './kernel';

export const I2C_SLAVE = 0x0703;
export const I2C_FUNCS = 0x0705;
export const I2C_RDWR = 0x0707;
export const I2C_SMBUS = 0x0720;

/** Bits of I2C_FUNCS. */
export const FUNC_I2C = 0x0000_0001;

const I2C_M_RD = 0x0001;

export interface IoctlArgument {
  readonly bytes: Uint8Array;
  readonly pointees: readonly Uint8Array[];
}

/** struct i2c_msg: address (u16), flags (u16), length (u16), padding, pointer. */
interface Message {
  readonly flags: number;
  readonly data: Uint8Array;
}

/** One combined transfer: `write`, a repeated start, then as much as fits into `read`. Both empty: an empty write. */
export function combinedTransfer(kernel: Kernel, address: number, write: Uint8Array, read: Uint8Array): IoctlArgument {
  const messages: Message[] = [];
  if (write.length > 0 || read.length === 0) messages.push({ flags: 0, data: write });
  if (read.length > 0) messages.push({ flags: I2C_M_RD, data: read });
  const messageBytes = 8 + kernel.pointerBytes;
  const table = new Uint8Array(messages.length * messageBytes);
  const fields = new DataView(table.buffer);
  messages.forEach(({ flags, data }, index) => {
    const at = index * messageBytes;
    fields.setUint16(at, address, true);
    fields.setUint16(at + 2, flags, true);
    fields.setUint16(at + 4, data.length, true);
    setPointer(kernel, fields, at + 8, data);
  });
  // struct i2c_rdwr_ioctl_data: pointer, number (u32), padded to whole pointers.
  const bytes = new Uint8Array(2 * kernel.pointerBytes);
  const argument = new DataView(bytes.buffer);
  setPointer(kernel, argument, 0, table);
  argument.setUint32(kernel.pointerBytes, messages.length, true);
  return { bytes, pointees: [table, write, read] };
}

/** Values of i2c_smbus_ioctl_data.size. */
export const SmbusSize = { QUICK: 0, BYTE: 1, BYTE_DATA: 2, I2C_BLOCK: 8 } as const;
/** I2C_SMBUS_BLOCK_MAX. */
export const SMBUS_BLOCK_BYTES = 32;
/** union i2c_smbus_data: a byte, a word, or a length and up to 32 bytes and a checksum. */
export const SMBUS_DATA_BYTES = SMBUS_BLOCK_BYTES + 2;

export interface SmbusCall {
  readonly read: boolean;
  readonly command: number;
  readonly size: number;
  /** union i2c_smbus_data. */
  readonly data: Uint8Array;
}

/** struct i2c_smbus_ioctl_data: read_write (u8), command (u8), padding, size (u32), pointer. */
export function smbusTransfer(kernel: Kernel, { read, command, size, data }: SmbusCall): IoctlArgument {
  const bytes = new Uint8Array(8 + kernel.pointerBytes);
  const fields = new DataView(bytes.buffer);
  fields.setUint8(0, read ? 1 : 0);
  fields.setUint8(1, command);
  fields.setUint32(4, size, true);
  setPointer(kernel, fields, 8, data);
  return { bytes, pointees: [data] };
}

function setPointer(kernel: Kernel, fields: DataView, at: number, target: Uint8Array): void {
  const address = target.length === 0 ? 0n : kernel.addressOf(target);
  if (kernel.pointerBytes === 8) fields.setBigUint64(at, address, true);
  else fields.setUint32(at, Number(address), true);
}
