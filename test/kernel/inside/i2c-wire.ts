/**
 * Bus 1 as on a Pi: /dev/i2c-1 of the kernel's i2c-gpio, on wires that machine/i2c-wire.c gives it, with register chips
 * that can be put there and taken away. It speaks I2C_RDWR and SMBus. What is changed here holds until `reset`.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { names, read, write } from './system-files';

const WIRE = '/sys/bus/platform/devices/i2c-wire';
const DRIVER = '/sys/bus/platform/drivers/i2c-gpio';
const DEVICE = 'i2c';
const REGISTERS = 256;
const STATES = { absent: 0, answers: 1, 'refuses data': 2, 'holds the clock': 3 } as const;

export const WIRE_BUS = 1;

/**
 * `absent` is ENXIO. `refuses data`: it acknowledges its address and no byte written to it, EIO. `holds the clock`: it
 * acknowledges its address and then hangs until its state is set again, ETIMEDOUT.
 */
export type ChipState = keyof typeof STATES;

function registersAt<T>(address: number, first: number, use: (fd: number, position: number) => T): T {
  const fd = openSync(join(WIRE, 'registers'), 'r+');
  try {
    return use(fd, address * REGISTERS + first);
  } finally {
    closeSync(fd);
  }
}

export const i2cWire = {
  setChip(address: number, state: ChipState): void {
    write(join(WIRE, 'chips'), `${address} ${STATES[state]}`);
  },

  /** Behind the bus's back: nothing is seen on its wires. */
  setRegisters(address: number, first: number, bytes: Iterable<number>): void {
    registersAt(address, first, (fd, at) => writeSync(fd, Uint8Array.from(bytes), undefined, undefined, at));
  },

  registers(address: number, first: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    registersAt(address, first, (fd, at) => readSync(fd, bytes, 0, count, at));
    return bytes;
  },

  /** Somebody holds a wire low. SCL: ENXIO everywhere; SDA: every address seems to answer, and every bit is 0. */
  hold(wire: 'sda' | 'scl', low: boolean): void {
    write(join(WIRE, 'held'), `${wire} ${low ? 1 : 0}`);
  },

  /** START conditions since the machine was started, repeated ones too. */
  transfers(): number {
    return Number(read(join(WIRE, 'transfers')));
  },

  /** /dev/i2c-1 is gone. The kernel waits for whoever has it open, and this call with it. */
  unplug(): void {
    if (names(DRIVER).includes(DEVICE)) write(join(DRIVER, 'unbind'), DEVICE);
  },

  plug(): void {
    if (!names(DRIVER).includes(DEVICE)) write(join(DRIVER, 'bind'), DEVICE);
  },

  /** No chip, no wire held, the bus there. */
  reset(): void {
    for (const line of read(join(WIRE, 'chips')).split('\n').filter(Boolean)) {
      this.setChip(Number(line.split(' ')[0]), 'absent');
    }
    this.hold('sda', false);
    this.hold('scl', false);
    this.plug();
  },
};
