/**
 * A variable's bytes and its value: little-endian (picontrol_ioctl(4)), one bit, or 8, 16 or 32 bits with or without sign.
 * Throws HARDWARE_IO for a value that the variable cannot hold; nothing is cut or wrapped.
 */
import { WasiError } from '../../errors/wasi-error';
import type { ProcessImageValue } from '../hardware';
import type { Variable } from './config-rsc';

export type ValueForm = Pick<Variable, 'name' | 'bit' | 'bits' | 'signed'>;

export function byteLength(bits: number): number {
  return Math.ceil(bits / 8);
}

export function decodeValue({ name, bit, bits, signed }: ValueForm, bytes: Uint8Array): ProcessImageValue {
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bits) {
    case 1:
      return { tag: 'bit', val: ((fields.getUint8(0) >> bit) & 1) === 1 };
    case 8:
      return signed ? { tag: 'signed', val: fields.getInt8(0) } : { tag: 'unsigned', val: fields.getUint8(0) };
    case 16:
      return signed
        ? { tag: 'signed', val: fields.getInt16(0, true) }
        : { tag: 'unsigned', val: fields.getUint16(0, true) };
    case 32:
      return signed
        ? { tag: 'signed', val: fields.getInt32(0, true) }
        : { tag: 'unsigned', val: fields.getUint32(0, true) };
    default:
      throw otherLength(name, bits);
  }
}

/** The bytes of a variable of 8, 16 or 32 bits. */
export function encodeNumber({ name, bits, signed }: ValueForm, value: ProcessImageValue): Uint8Array {
  if (bits !== 8 && bits !== 16 && bits !== 32) throw otherLength(name, bits);
  const [least, most] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  const form = signed ? 'signed' : 'unsigned';
  if (value.tag !== form || value.val < least || value.val > most) {
    throw unfit(name, value, `it is ${form}, ${bits} bits: ${least} to ${most}`);
  }
  // Two's complement: as many low bytes as the variable has.
  const whole = new Uint8Array(4);
  new DataView(whole.buffer).setInt32(0, value.val, true);
  return whole.slice(0, byteLength(bits));
}

export function encodeBit({ name }: ValueForm, value: ProcessImageValue): boolean {
  if (value.tag !== 'bit') throw unfit(name, value, 'it is one bit');
  return value.val;
}

function unfit(name: string, { tag, val }: ProcessImageValue, why: string): WasiError {
  return new WasiError('HARDWARE_IO', `${tag} ${val} does not fit ${name}: ${why}`);
}

function otherLength(name: string, bits: number): WasiError {
  return new WasiError('HARDWARE_IO', `${name} has ${bits} bits; only variables of 1, 8, 16 and 32 bits can be used`);
}
