/**
 * What only koffi can tell: whether it loads, what a GPIO controller is called, and whether a BME680 answers. These are
 * functions that tests replace. The calls are those of src/hardware/linux; where they or koffi are not there, nothing is
 * asked and the reason is said.
 *
 * The BME680 is asked for its chip id (register 0xD0, always 0x61; datasheet BST-BME680-DS001, section 5.3) in one
 * combined transfer. Setting a register pointer and reading one byte changes nothing in it, nor in the BMP280, BME280 or
 * MS5611 that live at the same addresses.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export type Koffi =
  | { readonly kind: 'loaded'; readonly version: string }
  | { readonly kind: 'unusable'; readonly reason: string; readonly isInstalled: boolean };

export type ChipAnswer =
  | { readonly kind: 'answered'; readonly chipId: number }
  | { readonly kind: 'silent'; readonly reason: string }
  | { readonly kind: 'not-asked'; readonly because: string };

export interface Probes {
  koffi(): Koffi;
  /** By GPIO_GET_CHIPINFO, which claims no line; undefined where nobody can ask. */
  gpioLabel(devicePath: string): string | undefined;
  chipId(devicePath: string, address: number): Promise<ChipAnswer>;
}

const CHIP_ID_REGISTER = 0xd0;
const LINUX_DRIVERS = join(__dirname, '..', 'hardware', 'linux');
/** Nobody acknowledged the address (Documentation/i2c/fault-codes.rst). */
const NO_ACKNOWLEDGE: readonly (string | undefined)[] = ['ENXIO', 'EREMOTEIO', 'ETIMEDOUT'];

type Transfer = (address: number, write: Uint8Array, readLength: number) => Promise<Uint8Array>;

export const systemProbes: Probes = { koffi: loadKoffi, gpioLabel: askLabel, chipId: askChipId };

function loadKoffi(): Koffi {
  try {
    const loaded: unknown = require('koffi');
    const version = property(loaded, 'version');
    return { kind: 'loaded', version: typeof version === 'string' ? version : 'of unknown version' };
  } catch (error) {
    const isInstalled = codeOf(error) !== 'MODULE_NOT_FOUND' || !firstLine(error).includes("'koffi'");
    return { kind: 'unusable', reason: isInstalled ? firstLine(error) : 'it is not installed', isInstalled };
  }
}

function askLabel(devicePath: string): string | undefined {
  const abi = moduleIfThere(join(LINUX_DRIVERS, 'gpio-abi.js'));
  const [request, info] = [property(abi, 'GPIO_GET_CHIPINFO'), callOf(abi, 'emptyChipInfo')()];
  const kernel = openKernel();
  if (kernel === undefined || request === undefined) return undefined;
  try {
    const fd = openSync(devicePath, 'r');
    try {
      callOf(kernel, 'ioctl')(fd, request, info);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not for whoever runs this, or no controller: the device tree or its file's owner tells more.
    return undefined;
  }
  const label = callOf(abi, 'chipLabel')(info);
  return typeof label === 'string' ? label : undefined;
}

async function askChipId(devicePath: string, address: number): Promise<ChipAnswer> {
  const koffi = loadKoffi();
  if (koffi.kind === 'unusable') return { kind: 'not-asked', because: `koffi does not load: ${koffi.reason}` };
  const transfer = openTransfer(devicePath);
  if (transfer === undefined) return { kind: 'not-asked', because: 'this version has no I²C driver' };
  try {
    const [chipId] = await transfer(address, Uint8Array.of(CHIP_ID_REGISTER), 1);
    return chipId === undefined ? { kind: 'silent', reason: 'no byte came back' } : { kind: 'answered', chipId };
  } catch (error) {
    const code = codeOf(error);
    if (NO_ACKNOWLEDGE.includes(code)) return { kind: 'silent', reason: code ?? firstLine(error) };
    return { kind: 'not-asked', because: `${devicePath} was not opened or is busy (${firstLine(error)})` };
  }
}

function openTransfer(devicePath: string): Transfer | undefined {
  const adapter = moduleIfThere(join(LINUX_DRIVERS, 'i2c-adapter.js'));
  if (adapter === undefined) return undefined;
  const transfer = callOf(adapter, 'i2cAdapter')(devicePath, openKernel);
  if (typeof transfer !== 'function') return undefined;
  return async (address, write, readLength) => {
    const read: unknown = await transfer(address, write, readLength);
    if (!(read instanceof Uint8Array)) throw new Error('the I²C driver gave no bytes');
    return read;
  };
}

/** Undefined where koffi does not load. */
function openKernel(): unknown {
  if (loadKoffi().kind === 'unusable') return undefined;
  return callOf(moduleIfThere(join(LINUX_DRIVERS, 'kernel.js')), 'loadKernel')();
}

function moduleIfThere(path: string): unknown {
  try {
    return require(path);
  } catch (error) {
    if (codeOf(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** What gives undefined where there is no such function. */
function callOf(owner: unknown, key: string): (...parameters: readonly unknown[]) => unknown {
  const found = property(owner, key);
  return typeof found === 'function' ? (...parameters) => found.apply(owner, parameters) : () => undefined;
}

function property(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, key);
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? property(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
