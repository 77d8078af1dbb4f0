/**
 * What a core module may take of the machine, written into the module itself, since a worker's `resourceLimits` bound
 * neither linear memory nor tables: a maximum on each memory and each table it defines. Throws PLUGIN_MEMORY when it wants
 * more from the start, PLUGIN_INVALID for shared, 64-bit or several memories, which no plugin needs.
 */

import { FIXED, limitKey } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { ByteReader, sections, u32Leb } from './byte-reader';

const TABLE_SECTION = 4;
const MEMORY_SECTION = 5;

const PAGES_PER_MIB = 16;
/** Ten times the functions of Python's interpreter; an element takes 8 bytes. */
export const MAX_TABLE_ELEMENTS = 100_000;

const HAS_MAXIMUM = 0x01;
const SHARED = 0x02;
const WIDE = 0x04;
/** `ref` and `ref null`, which a heap type follows. */
const LONG_REFERENCES = [0x63, 0x64];
/** A table with an initial element computed by code. */
const INITIALISED_TABLE = 0x40;

/** How many memories and tables the module makes of its own. */
export function definitions(bytes: Uint8Array): { readonly memories: number; readonly tables: number } {
  let memories = 0;
  let tables = 0;
  for (const { id, body } of sections(bytes)) {
    if (id === MEMORY_SECTION) memories += new ByteReader(body).u32();
    if (id === TABLE_SECTION) tables += new ByteReader(body).u32();
  }
  return { memories, tables };
}

export function limitMemory(bytes: Uint8Array, memoryMb: number): Uint8Array<ArrayBuffer> {
  return rewritten(bytes, MEMORY_SECTION, (reader) => {
    const { minimum, maximum } = limits(reader);
    const most = memoryMb * PAGES_PER_MIB;
    if (minimum > most) {
      throw new WasiError(
        'PLUGIN_MEMORY',
        `it needs ${Math.ceil(minimum / PAGES_PER_MIB)} MiB of memory from the start, and memory_mb allows ${memoryMb}. Raise ${limitKey('memory_mb')}`,
      );
    }
    return [HAS_MAXIMUM, ...u32Leb(minimum), ...u32Leb(Math.min(maximum, most))];
  });
}

export function limitTables(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return rewritten(bytes, TABLE_SECTION, (reader) => {
    const type = referenceType(reader);
    const { minimum, maximum } = limits(reader);
    if (minimum > MAX_TABLE_ELEMENTS) {
      throw new WasiError(
        'PLUGIN_MEMORY',
        `it wants a table of ${minimum} elements; at most ${MAX_TABLE_ELEMENTS} ${FIXED}`,
      );
    }
    return [...type, HAS_MAXIMUM, ...u32Leb(minimum), ...u32Leb(Math.min(maximum, MAX_TABLE_ELEMENTS))];
  });
}

/** The module with each entry of one section written anew. */
function rewritten(
  bytes: Uint8Array,
  wanted: number,
  entry: (reader: ByteReader) => readonly number[],
): Uint8Array<ArrayBuffer> {
  for (const { id, start, body } of sections(bytes)) {
    if (id !== wanted) continue;
    const reader = new ByteReader(body);
    const count = reader.u32();
    if (count > body.length)
      throw new WasiError('PLUGIN_INVALID', `a core module claims ${count} entries it does not hold`);
    const entries = Array.from({ length: count }, () => entry(reader)).flat();
    const written = [...u32Leb(count), ...entries];
    const after = body.byteOffset - bytes.byteOffset + body.length;
    return concat([
      bytes.subarray(0, start),
      Uint8Array.from([wanted, ...u32Leb(written.length), ...written]),
      bytes.subarray(after),
    ]);
  }
  return new Uint8Array(bytes);
}

function limits(reader: ByteReader): { readonly minimum: number; readonly maximum: number } {
  const flags = reader.byte();
  if ((flags & (SHARED | WIDE)) !== 0) {
    throw new WasiError(
      'PLUGIN_INVALID',
      'it wants a shared or 64-bit memory or table: build it for wasm32-wasip2 without threads',
    );
  }
  const minimum = reader.u32();
  return { minimum, maximum: (flags & HAS_MAXIMUM) === 0 ? Number.POSITIVE_INFINITY : reader.u32() };
}

function referenceType(reader: ByteReader): readonly number[] {
  const type = reader.byte();
  if (type === INITIALISED_TABLE)
    throw new WasiError('PLUGIN_INVALID', 'it makes a table with a computed first element, which no plugin needs');
  return LONG_REFERENCES.includes(type) ? [type, reader.byte()] : [type];
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
