/**
 * The kernel's i2c-stub (Documentation/i2c/i2c-stub.rst): a bus that speaks SMBus alone (no I2C_RDWR), with chips that are
 * 256 registers. An address without a chip is ENODEV there. One at a time; its module is taken out to unplug the bus.
 */
import { join } from 'node:path';
import { smbusWriteBytes } from './i2c-device';
import { loadModule, removeModule } from './system-calls';
import { names, read } from './system-files';

const ADAPTERS = '/sys/class/i2c-dev';
const ADAPTER_NAME = 'SMBus stub driver';

export class I2cStub {
  /** Its device is /dev/i2c-<bus>. */
  readonly bus: number;
  #plugged = true;

  constructor(addresses: readonly number[]) {
    loadModule(join(process.env['KERNEL'] ?? '', 'i2c-stub.ko'), `chip_addr=${addresses.join(',')}`);
    const adapter = names(ADAPTERS).find((name) => read(join(ADAPTERS, name, 'name')) === ADAPTER_NAME);
    if (adapter === undefined) throw new Error('i2c-stub is loaded, and made no bus');
    this.bus = Number(adapter.replace('i2c-', ''));
  }

  /** Through the bus, as whoever else speaks to the chip would. */
  setRegisters(address: number, first: number, bytes: Iterable<number>): void {
    smbusWriteBytes(this.bus, address, first, bytes);
  }

  /** EAGAIN while somebody has the bus open; a second call does nothing. */
  unplug(): void {
    if (!this.#plugged) return;
    removeModule('i2c_stub');
    this.#plugged = false;
  }
}
