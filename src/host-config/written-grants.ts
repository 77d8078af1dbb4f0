/**
 * Single grants as host.toml writes them, each a whole line with every value it grants: who copies one over the line that
 * is there loses nothing. A name may come from a guest, and becomes one TOML string whatever is in it.
 */
import { replaceUnsafe } from '../platform/safe-text';
import type { Grants, I2cAddress, SpiDevice } from './host-config';

/** What an address without a bus means. */
const HEADER_BUS = 1;
/** What stands in lines that grant an interface before it is known which device is asked for. */
export const EXAMPLE = { i2c: '0x76', spi: '0.0', uart: '/dev/ttyAMA0', read: 'Temp_1', write: 'Relay_1' } as const;

export function gpioLine(pins: readonly number[]): string {
  return `gpio = [${pins.join(', ')}]`;
}

export function i2cLine(addresses: readonly I2cAddress[]): string {
  return listLine('i2c', addresses.map(i2cText));
}

export function spiLine(devices: readonly SpiDevice[]): string {
  return listLine('spi', devices.map(spiText));
}

export function uartLine(ports: readonly string[]): string {
  return listLine('uart', ports);
}

/** A direction of which nothing is granted is left out. */
export function processImageLine({ read, write }: Grants['processImage']): string {
  const directions = [
    ...(read.length > 0 ? [listLine('read', read)] : []),
    ...(write.length > 0 ? [listLine('write', write)] : []),
  ];
  return `process_image = { ${directions.join(', ')} }`;
}

export function spiText({ bus, chipSelect }: SpiDevice): string {
  return `${bus}.${chipSelect}`;
}

/** `0x76`, or with another bus than the header's `0:0x76`. */
export function i2cText({ bus, address }: I2cAddress): string {
  const hex = `0x${address.toString(16).padStart(2, '0')}`;
  return bus === HEADER_BUS ? hex : `${bus}:${hex}`;
}

/** One TOML string: whoever copies it must not copy what stands behind a quotation mark in it. */
export function quoted(text: string): string {
  // JSON's escapes are TOML's, too; it leaves these characters as they are.
  return replaceUnsafe(JSON.stringify(text), (run) =>
    [...run].map((mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

function listLine(key: string, values: readonly string[]): string {
  return `${key} = [${values.map(quoted).join(', ')}]`;
}
