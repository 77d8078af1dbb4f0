/**
 * One I²C bus as a driver sees it. A transfer is one combined write-then-read with a repeated start, so nobody else's
 * bytes come between a register's address and its contents. Rejects with HARDWARE_MISSING (nobody acknowledges the
 * address), HARDWARE_PERMISSION or HARDWARE_IO.
 */
export interface I2cBus {
  /** Either part may be empty. 7-bit `address`. Resolves to exactly `readLength` bytes. */
  transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array>;
}

/** As people write addresses and registers: 0x77. */
export function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
