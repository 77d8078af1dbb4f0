/**
 * The kernel's own drivers on chips of a bus (Documentation/i2c/instantiating-devices.rst, method 4), as a device tree
 * overlay such as `i2c-sensor,bme680` would bind them.
 */
import { join } from 'node:path';
import { names, write } from './system-files';

function busFolder(bus: number): string {
  return `/sys/bus/i2c/devices/i2c-${bus}`;
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

/** `driver` as in the kernel's table, e.g. `bme680`. It probes the chip at once; a probe that fails is in dmesg alone. */
export function bindDriver(driver: string, bus: number, address: number): void {
  write(join(busFolder(bus), 'new_device'), `${driver} ${hex(address)}`);
}

export function unbindDriver(bus: number, address: number): void {
  write(join(busFolder(bus), 'delete_device'), hex(address));
}

/** The folder of the IIO device that a driver made of a chip; undefined where its probe failed. */
export function iioDeviceOf(bus: number, address: number): string | undefined {
  const folder = `/sys/bus/i2c/devices/${bus}-${address.toString(16).padStart(4, '0')}`;
  const name = names(folder).find((one) => one.startsWith('iio:device'));
  return name && join(folder, name);
}
