/**
 * Fields of etcd's JSON: protobuf's mapping, in which a field that is zero, empty or false is left out, 64-bit numbers are
 * decimal text, and bytes are base64. Reading one that is not there gives that zero. One that is there and is of another
 * type, null or an empty list is none of etcd's gateway: throws WrongField, which whoever knows the member turns into its fault
 * (member.ts).
 */
export type Json = Readonly<Record<string, unknown>>;

/** `message`: what is wrong, to be said after "its response". */
export class WrongField extends Error {
  override readonly name = 'WrongField';
}

const MAX_UINT64 = 2n ** 64n - 1n;

/** undefined for what is no JSON object. */
export function parseJson(answer: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(answer);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(json: Json, name: string): string {
  const value = json[name];
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new WrongField(`has no text as "${name}"`);
}

export function yes(json: Json, name: string): boolean {
  const value = json[name];
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw new WrongField(`has neither true nor false as "${name}"`);
}

/** 64 bits, with or without a sign. */
export function int64(json: Json, name: string): bigint {
  const value = json[name];
  if (value === undefined) return 0n;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) {
    const number = BigInt(value);
    if (number <= MAX_UINT64) return number;
  }
  throw new WrongField(`has no 64-bit number as "${name}"`);
}

/** Greater than zero. */
export function positive(json: Json, name: string): bigint {
  const number = int64(json, name);
  if (number > 0n) return number;
  throw new WrongField(`has no "${name}"`);
}

/** A 64-bit id in decimal; "0" for none. */
export function id(json: Json, name: string): string {
  return int64(json, name).toString();
}

export function object(json: Json, name: string): Json {
  const value = json[name];
  if (value === undefined) return {};
  if (isJson(value)) return value;
  throw new WrongField(`has no object as "${name}"`);
}

export function objects(json: Json, name: string): readonly Json[] {
  const list = listOf(json, name);
  if (list.every(isJson)) return list;
  throw new WrongField(`has something else than objects in "${name}"`);
}

export function texts(json: Json, name: string): readonly string[] {
  const list = listOf(json, name);
  if (list.every((entry) => typeof entry === 'string')) return list as readonly string[];
  throw new WrongField(`has something else than texts in "${name}"`);
}

export function bytes(json: Json, name: string): string {
  const encoded = text(json, name);
  const decoded = Buffer.from(encoded, 'base64');
  // Node.js passes over what is no base64, so that the result is shorter then.
  if (encoded.length % 4 !== 0 || decoded.length !== decodedLength(encoded)) {
    throw new WrongField(`has no base64 as "${name}"`);
  }
  return decoded.toString('utf8');
}

export function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

function listOf(json: Json, name: string): readonly unknown[] {
  const value = json[name];
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new WrongField(`has no list as "${name}"`);
  if (value.length === 0) throw new WrongField(`has an empty list as "${name}", which etcd leaves out`);
  return value;
}

function decodedLength(encoded: string): number {
  const padding = encoded.endsWith('==') ? 2 : Number(encoded.endsWith('='));
  return (encoded.length / 4) * 3 - padding;
}
