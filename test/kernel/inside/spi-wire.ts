/**
 * /dev/spidev0.0 as on a Pi: the kernel's spi-gpio, on wires whose far end records what comes (machine/spi-wire.c). MISO
 * is wired to MOSI: a transfer reads what it writes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { names, read, write } from './system-files';

const WIRE = '/sys/bus/platform/devices/spi-wire';
const DRIVER = '/sys/bus/platform/drivers/spi_gpio';
const DEVICE = 'spi';

export const spiWire = {
  /** The bytes of the last transfer, at most 4096. */
  sent(): Uint8Array {
    return new Uint8Array(readFileSync(join(WIRE, 'sent')));
  },

  /** How often the chip was selected since the machine was started. */
  transfers(): number {
    return Number(read(join(WIRE, 'transfers')));
  },

  /** /dev/spidev0.0 is gone, whoever has it open. */
  unplug(): void {
    if (names(DRIVER).includes(DEVICE)) write(join(DRIVER, 'unbind'), DEVICE);
  },

  plug(): void {
    if (!names(DRIVER).includes(DEVICE)) write(join(DRIVER, 'bind'), DEVICE);
  },
};
