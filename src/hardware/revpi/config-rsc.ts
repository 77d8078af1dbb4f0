/**
 * What PiCtory writes to /etc/revpi/config.rsc, JSON: `Devices[]` with `productType`, `position` and `offset`, and in `inp`,
 * `out` and `mem` the variables, `"0": [name, default, length in bits, offset, exported, order, comment, bit]`, numbers as
 * text. Offsets count from the device's own; the bit may be 8 and more, and is then one of a later byte. Read as piControl
 * reads it (github.com/RevolutionPi/piControl, src/piConfig.c): of two variables of one name the first counts.
 *
 * The file has no types beyond the length. Words of an AIO and inputs of a RevPi Compact are signed (INT in piAIOComm.h,
 * s16 in revpi_compact.h), everything else is not.
 */
import { IMAGE_BYTES } from './picontrol-abi';

export interface Variable {
  readonly name: string;
  readonly direction: 'input' | 'output' | 'memory';
  /** Of its first byte in the image. */
  readonly address: number;
  /** 0–7, and 0 of whole bytes. */
  readonly bit: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly module: { readonly position: number; readonly name: string };
}

/** The RevPi itself, without its modules. */
export interface BaseModule {
  readonly type: number;
  readonly offset: number;
}

export interface PiCtoryConfig {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly base: BaseModule | undefined;
}

const AIO = 103;
const COMPACT = 104;
const BASE = 'BASE';
const SECTIONS = [
  ['inp', 'input'],
  ['out', 'output'],
  ['mem', 'memory'],
] as const;

/** Whether a value of this module and direction is INT or DINT. */
export function isSigned(type: number, direction: Variable['direction'], bits: number): boolean {
  return bits >= 16 && (type === AIO || (type === COMPACT && direction === 'input'));
}

/** Throws a SyntaxError or TypeError that says what is wrong. What lies outside the image is left out, as by piControl. */
export function parseConfigRsc(text: string): PiCtoryConfig {
  const root: unknown = JSON.parse(text);
  const devices = fieldOf(root, 'Devices');
  if (!Array.isArray(devices)) throw new TypeError('it has no list "Devices"');
  const variables = new Map<string, Variable>();
  let base: BaseModule | undefined;
  for (const device of devices) {
    const offset = wholeNumber(fieldOf(device, 'offset'));
    const type = wholeNumber(fieldOf(device, 'productType'));
    if (offset === undefined || type === undefined || offset >= IMAGE_BYTES) continue;
    if (fieldOf(device, 'type') === BASE) base ??= Object.freeze({ type, offset });
    for (const variable of variablesOf(device, offset, type)) {
      if (!variables.has(variable.name)) variables.set(variable.name, variable);
    }
  }
  return Object.freeze({ variables, base });
}

function variablesOf(device: unknown, deviceOffset: number, type: number): readonly Variable[] {
  const name = fieldOf(device, 'name');
  const module = Object.freeze({
    // As piControl: what is no number counts as 0.
    position: wholeNumber(fieldOf(device, 'position')) ?? 0,
    name: typeof name === 'string' ? name : `module of type ${type}`,
  });
  return SECTIONS.flatMap(([section, direction]) =>
    Object.values(Object(fieldOf(device, section))).flatMap((entry) => {
      const place = placeOf(entry, deviceOffset);
      if (place === undefined) return [];
      return [Object.freeze({ ...place, direction, signed: isSigned(type, direction, place.bits), module })];
    }),
  );
}

function placeOf(entry: unknown, deviceOffset: number) {
  if (!Array.isArray(entry)) return undefined;
  const [name, , length, offset, , , , position] = entry;
  const bits = wholeNumber(length);
  const first = wholeNumber(offset);
  if (typeof name !== 'string' || name === '' || bits === undefined || first === undefined) return undefined;
  const bit = bits === 1 ? (wholeNumber(position) ?? 0) : 0;
  const address = deviceOffset + first + Math.floor(bit / 8);
  if (bits === 0 || address + Math.ceil(bits / 8) > IMAGE_BYTES) return undefined;
  return { name, address, bit: bit % 8, bits };
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

/** PiCtory writes most numbers as text, "0x" included. */
function wholeNumber(found: unknown): number | undefined {
  const number = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
}
