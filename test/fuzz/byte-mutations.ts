/** Mutations that know nothing of the format: bits, bytes, ranges, cuts. */
import type { Random } from './random';
import { join, leb } from './section-tree';

const TELLING_BYTES = [0x00, 0x01, 0x02, 0x40, 0x41, 0x60, 0x63, 0x64, 0x70, 0x7b, 0x7f, 0x80, 0xfe, 0xff] as const;
const TELLING_NUMBERS = [
  0, 1, 2, 0x7f, 0x80, 0xffff, 0x1_0000, 0x1_0001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
] as const;
const MAX_RANGE_BYTES = 64;

type ByteMutation = (bytes: Uint8Array, random: Random) => Uint8Array;

function replaced(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  return join([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + removed))]);
}

const flipBit: ByteMutation = (bytes, random) => {
  const out = new Uint8Array(bytes);
  const at = random.below(out.length);
  if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
};

const setByte: ByteMutation = (bytes, random) =>
  replaced(bytes, random.below(bytes.length), 1, Uint8Array.of(random.pick(TELLING_BYTES)));

const putNumber: ByteMutation = (bytes, random) => {
  const number = leb(random.pick(TELLING_NUMBERS), random.pick([1, 1, 2, 5, 6, 10]));
  return replaced(bytes, random.below(bytes.length), random.below(3), Uint8Array.from(number));
};

/** The same number, written longer: `0x01` as `0x81 0x00`. */
const padNumber: ByteMutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const byte = bytes[at] ?? 0;
  return byte >= 0x80 ? bytes : replaced(bytes, at, 1, Uint8Array.from(leb(byte, random.pick([2, 3, 5]))));
};

const insert: ByteMutation = (bytes, random) => {
  const put = Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256));
  return replaced(bytes, random.below(bytes.length + 1), 0, put);
};

const remove: ByteMutation = (bytes, random) =>
  replaced(bytes, random.below(bytes.length), 1 + random.below(MAX_RANGE_BYTES), new Uint8Array());

const repeat: ByteMutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const range = bytes.subarray(at, at + 1 + random.below(MAX_RANGE_BYTES));
  return replaced(bytes, random.below(bytes.length), 0, join(Array.from({ length: 1 + random.below(8) }, () => range)));
};

const truncate: ByteMutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const BYTE_MUTATIONS = [flipBit, setByte, setByte, putNumber, padNumber, insert, remove, repeat, truncate] as const;

export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  return random.pick(BYTE_MUTATIONS)(bytes, random);
}
