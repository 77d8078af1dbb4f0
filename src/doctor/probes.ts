/**
 * What only koffi can tell: whether it loads, what a GPIO controller is called, and whether a BME680 answers. These are
 * functions that tests replace. Where koffi does not load, nothing is asked and the reason is said.
 *
 * The BME680 is asked for its chip id (register 0xD0, always 0x61; datasheet BST-BME680-DS001, section 5.3) in one
 * combined transfer. Setting a register pointer and reading one byte changes nothing in it, nor in the BMP280, BME280 or
 * MS5611 that live at the same addresses.
 */

import { closeSync, openSync } from 'node:fs';
import { chipLabel, emptyChipInfo, GPIO_GET_CHIPINFO } from '../hardware/linux/gpio-abi';
import { i2cAdapter } from '../hardware/linux/i2c-adapter';
import { loadKernel } from '../hardware/linux/kernel';
import { errnoOf } from '../platform/errno';

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
/** Nobody acknowledged the address (Documentation/i2c/fault-codes.rst). */
const NO_ACKNOWLEDGE: readonly (string | undefined)[] = ['ENXIO', 'EREMOTEIO', 'ETIMEDOUT'];

export const systemProbes: Probes = { koffi: loadKoffi, gpioLabel: askLabel, chipId: askChipId };

function loadKoffi(): Koffi {
  try {
    const loaded: unknown = require('koffi');
    const version = property(loaded, 'version');
    return { kind: 'loaded', version: typeof version === 'string' ? version : 'of unknown version' };
  } catch (error) {
    const isInstalled = errnoOf(error) !== 'MODULE_NOT_FOUND' || !firstLine(error).includes("'koffi'");
    return { kind: 'unusable', reason: isInstalled ? firstLine(error) : 'it is not installed', isInstalled };
  }
}

function askLabel(devicePath: string): string | undefined {
  if (loadKoffi().kind === 'unusable') return undefined;
  const info = emptyChipInfo();
  try {
    const fd = openSync(devicePath, 'r');
    try {
      loadKernel().ioctl(fd, GPIO_GET_CHIPINFO, info);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not for whoever runs this, or no controller: the device tree or its file's owner tells more.
    return undefined;
  }
  return chipLabel(info);
}

async function askChipId(devicePath: string, address: number): Promise<ChipAnswer> {
  const koffi = loadKoffi();
  if (koffi.kind === 'unusable') return { kind: 'not-asked', because: `koffi does not load: ${koffi.reason}` };
  try {
    const [chipId] = await i2cAdapter(devicePath, loadKernel)(address, Uint8Array.of(CHIP_ID_REGISTER), 1);
    return chipId === undefined ? { kind: 'silent', reason: 'no byte came back' } : { kind: 'answered', chipId };
  } catch (error) {
    const code = errnoOf(error);
    if (NO_ACKNOWLEDGE.includes(code)) return { kind: 'silent', reason: code ?? firstLine(error) };
    return { kind: 'not-asked', because: `${devicePath} was not opened or is busy (${firstLine(error)})` };
  }
}

function property(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, key);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
