/**
 * Fields of etcd's JSON: protobuf's mapping, in which a field that is zero, empty or false is left out, 64-bit numbers are
 * decimal text, and bytes are base64. Reading one that is not there gives that zero; one of another type too, since
 * whether an answer makes sense is decided by what it is needed for.
 */
export type Json = Readonly<Record<string, unknown>>;

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
  return typeof value === 'string' ? value : '';
}

export function yes(json: Json, name: string): boolean {
  return json[name] === true;
}

/** 32 bits. */
export function whole(json: Json, name: string): number {
  const value = json[name];
  return typeof value === 'number' && Number.isInteger(value) ? value : 0;
}

/** 64 bits. */
export function int64(json: Json, name: string): bigint {
  const value = json[name];
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : BigInt(whole(json, name));
}

/** A 64-bit id in decimal; "0" for none. */
export function id(json: Json, name: string): string {
  return int64(json, name).toString();
}

export function object(json: Json, name: string): Json {
  const value = json[name];
  return isJson(value) ? value : {};
}

export function objects(json: Json, name: string): readonly Json[] {
  const value = json[name];
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function texts(json: Json, name: string): readonly string[] {
  const value = json[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

export function bytes(json: Json, name: string): string {
  return Buffer.from(text(json, name), 'base64').toString('utf8');
}

export function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}
