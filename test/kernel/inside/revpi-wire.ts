/**
 * A RevPi Connect 4 with an AIO, a DIO and a virtual module: a stand-in for the driver piControl and what is on its
 * PiBridge (machine/picontrol.c), told what test/fixtures/revpi/config.rsc says. `unplug` afterwards: where its device is,
 * the machine counts as a RevPi.
 */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfigRsc } from '../../../src/hardware/revpi/config-rsc';
import { IMAGE_BYTES } from '../../../src/hardware/revpi/picontrol-abi';
import { REPOSITORY } from '../../wasm/components';
import { read, write } from './system-files';

const DEVICE = '/sys/bus/platform/devices/picontrol';
export const CONFIG_FILE = join(REPOSITORY, 'test', 'fixtures', 'revpi', 'config.rsc');
export const CONFIG_RSC = readFileSync(CONFIG_FILE, 'utf8');

/** Address, type, active, state, offset and length of inputs and of outputs, as the driver lists the fixture's modules. */
const MODULES = ['0 136 1 0 0 6 6 7', '32 103 1 1 13 20 33 4', '33 96 1 1 102 70 172 18', '64 32768 1 0 215 4 219 4'];
const ONLINE = '32 103 1 1';
const OFFLINE = '32 103 1 0';

export const revPiWire = {
  plug(): void {
    write(join(DEVICE, 'fault'), '0');
    write(join(DEVICE, 'running'), '1');
    this.poke(0, new Uint8Array(IMAGE_BYTES));
    this.configure(CONFIG_RSC);
    this.aio('online');
    write(join(DEVICE, 'plugged'), '1');
  },

  unplug(): void {
    write(join(DEVICE, 'plugged'), '0');
  },

  /** The driver reads PiCtory's file, as `piTest -x` has it do. */
  configure(configRsc: string): void {
    const lines = [...parseConfigRsc(configRsc).variables.values()].map(
      ({ name, address, bit, bits }) => `${name} ${address} ${bit} ${bits}`,
    );
    write(join(DEVICE, 'variables'), lines.join('\n'));
  },

  /** The PiBridge, with all that is on it. */
  run(running: boolean): void {
    write(join(DEVICE, 'running'), running ? '1' : '0');
  },

  /** Every call fails with this number, 5 for EIO; 0: none does. */
  fail(errno: number): void {
    write(join(DEVICE, 'fault'), String(errno));
  },

  aio(state: 'online' | 'offline'): void {
    write(join(DEVICE, 'modules'), MODULES.join('\n').replace(ONLINE, state === 'online' ? ONLINE : OFFLINE));
  },

  /** As a module sets its inputs. */
  poke(address: number, bytes: Uint8Array): void {
    const fd = openSync(join(DEVICE, 'image'), 'r+');
    try {
      writeSync(fd, bytes, 0, bytes.length, address);
    } finally {
      closeSync(fd);
    }
  },

  /** As a module sees its outputs. */
  peek(address: number, length: number): number[] {
    const fd = openSync(join(DEVICE, 'image'), 'r');
    try {
      const bytes = new Uint8Array(length);
      readSync(fd, bytes, 0, length, address);
      return [...bytes];
    } finally {
      closeSync(fd);
    }
  },

  /** How often bytes were written, and how often the driver set a bit, since the machine was started. */
  counts(): { readonly writes: number; readonly bits: number } {
    const [writes = 0, bits = 0] = read(join(DEVICE, 'writes')).split(' ').map(Number);
    return { writes, bits };
  },
};
