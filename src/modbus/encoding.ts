/**
 * Numbers as registers. A register is sent high byte first (Modbus Application Protocol V1.1b3, 4.2 Data Encoding); in
 * which order the two registers of a 32-bit number stand is left to devices: "ABCD" has the high word first, "CDAB" the
 * low word. Pure; `registers` holds two bytes a register.
 */

export type WordOrder = 'ABCD' | 'CDAB';

const BYTES = 2;
const WORD_BITS = 16;
const MAX_WORD = 0xffff;
const MAX_INT16 = 32_767;
/** −32768 means that there is no value; the lowest value is one above. */
export const NO_INT16 = -32_768;

/**
 * What an int16 is multiplied with, by physical unit: as fine as the range of ±32767 allows for what is measured in it.
 * A block keeps the factor it was made with, whatever this table says later.
 */
const SCALES: Readonly<Record<string, number>> = {
  '°C': 100,
  '%': 100,
  hPa: 10,
  kΩ: 10,
  V: 1_000,
  A: 1_000,
  MiB: 1,
  s: 1,
  ppm: 1,
};
const OTHER_SCALE = 10;

export function scaleOf(physicalUnit: string): number {
  return (Object.hasOwn(SCALES, physicalUnit) ? SCALES[physicalUnit] : undefined) ?? OTHER_SCALE;
}

export function writeFloat32(registers: Buffer, address: number, value: number, order: WordOrder): void {
  registers.writeFloatBE(value, address * BYTES);
  if (order === 'CDAB') swapWords(registers, address);
}

export function writeUint32(registers: Buffer, address: number, value: number, order: WordOrder): void {
  registers.writeUInt32BE(value >>> 0, address * BYTES);
  if (order === 'CDAB') swapWords(registers, address);
}

/** What is too large for 16 bits is cut to them. */
export function writeUint16(registers: Buffer, address: number, value: number): void {
  registers.writeUInt16BE(Math.min(MAX_WORD, Math.max(0, Math.trunc(value))), address * BYTES);
}

/** A value beyond ±32767 is kept at that end, NaN becomes −32768. */
export function writeScaled(registers: Buffer, address: number, value: number, scale: number): void {
  const scaled = Number.isNaN(value) ? NO_INT16 : Math.max(-MAX_INT16, Math.min(MAX_INT16, Math.round(value * scale)));
  registers.writeInt16BE(scaled, address * BYTES);
}

/** Whether a float32 holds it: neither text nor NaN nor beyond 3.4e38. */
export function isFloat32(value: number | string | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

function swapWords(registers: Buffer, address: number): void {
  const offset = address * BYTES;
  const both = registers.readUInt32BE(offset);
  registers.writeUInt32BE(((both << WORD_BITS) | (both >>> WORD_BITS)) >>> 0, offset);
}
