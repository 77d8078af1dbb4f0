/**
 * Transfers of an I²C bus as SMBus operations, for adapters that speak nothing else. Only those that look the same on the
 * wire: a register's address and its contents, up to 32 bytes. Throws HARDWARE_IO for any other.
 */
import { WasiError } from '../../errors/wasi-error';
import { SMBUS_BLOCK_BYTES, SMBUS_DATA_BYTES, type SmbusCall, SmbusSize } from './i2c-abi';

export function asSmbus(write: Uint8Array, readLength: number): SmbusCall {
  return readLength === 0 ? asWrite(write) : asRead(write, readLength);
}

/** What the kernel put into the call's data. */
export function readBytes({ size, data }: SmbusCall, readLength: number): Uint8Array {
  if (readLength === 0) return new Uint8Array(0);
  if (size !== SmbusSize.I2C_BLOCK) return data.slice(0, 1);
  const [got = 0] = data;
  if (got !== readLength) {
    throw new WasiError('HARDWARE_IO', `the SMBus adapter gave ${got} bytes instead of ${readLength}; ask for fewer`);
  }
  return data.slice(1, 1 + readLength);
}

function asWrite(write: Uint8Array): SmbusCall {
  const [command = 0, value = 0] = write;
  const data = new Uint8Array(SMBUS_DATA_BYTES);
  if (write.length === 0) return { read: false, command: 0, size: SmbusSize.QUICK, data };
  if (write.length === 1) return { read: false, command, size: SmbusSize.BYTE, data };
  if (write.length === 2) {
    data[0] = value;
    return { read: false, command, size: SmbusSize.BYTE_DATA, data };
  }
  if (write.length - 1 > SMBUS_BLOCK_BYTES) throw notSmbus(write.length, 0);
  data[0] = write.length - 1;
  data.set(write.subarray(1), 1);
  return { read: false, command, size: SmbusSize.I2C_BLOCK, data };
}

function asRead(write: Uint8Array, readLength: number): SmbusCall {
  const [command = 0] = write;
  const data = new Uint8Array(SMBUS_DATA_BYTES);
  if (write.length === 0 && readLength === 1) return { read: true, command: 0, size: SmbusSize.BYTE, data };
  if (write.length !== 1 || readLength > SMBUS_BLOCK_BYTES) throw notSmbus(write.length, readLength);
  if (readLength === 1) return { read: true, command, size: SmbusSize.BYTE_DATA, data };
  data[0] = readLength;
  return { read: true, command, size: SmbusSize.I2C_BLOCK, data };
}

function notSmbus(written: number, readLength: number): WasiError {
  return new WasiError(
    'HARDWARE_IO',
    `this bus's adapter knows SMBus only, which has no transfer of ${written} bytes out and ${readLength} bytes in: use a register's address and at most ${SMBUS_BLOCK_BYTES} bytes, or another bus`,
  );
}
