/** A register of a chip as any program reads it, through /dev/i2c-N. The product's own driver is not used here. */
import { closeSync, openSync } from 'node:fs';
import { smbusByte } from './system-calls';

function opened<T>(bus: number, use: (fd: number) => T): T {
  const fd = openSync(`/dev/i2c-${bus}`, 'r+');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

export function smbusReadByte(bus: number, address: number, register: number): number {
  return opened(bus, (fd) => smbusByte(fd, address, register, 'read'));
}

export function smbusWriteBytes(bus: number, address: number, first: number, bytes: Iterable<number>): void {
  opened(bus, (fd) => {
    let register = first;
    for (const byte of bytes) {
      smbusByte(fd, address, register, byte);
      register += 1;
    }
  });
}
