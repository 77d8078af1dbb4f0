/**
 * What is asked of each core module inside a component before V8 sees it: safe names, and a maximum on its memory.
 * A worker's `resourceLimits` do not bound linear memory, so the maximum is written into the module itself.
 */

import { WasiError } from '../errors';
import { limitKey } from '../limit-text';
import { ByteReader, sections, u32Leb } from './byte-reader';
import { checkCoreName } from './names';

const IMPORT_SECTION = 2;
const MEMORY_SECTION = 5;
const EXPORT_SECTION = 7;

const PAGES_PER_MIB = 16;

const HAS_MAXIMUM = 0x01;
const SHARED = 0x02;
const MEMORY64 = 0x04;

/** Throws PLUGIN_INVALID when an import or export name could be code in generated JavaScript. */
export function checkCoreModuleNames(bytes: Uint8Array): void {
  for (const section of sections(bytes)) {
    if (section.id === IMPORT_SECTION) checkImports(new ByteReader(section.body));
    if (section.id === EXPORT_SECTION) checkExports(new ByteReader(section.body));
  }
}

function checkImports(reader: ByteReader): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    checkCoreName(reader.name());
    checkCoreName(reader.name());
    skipImportType(reader);
  }
}

function skipImportType(reader: ByteReader): void {
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      reader.u32();
      return;
    case 0x01:
      skipReferenceType(reader);
      skipLimits(reader);
      return;
    case 0x02:
      skipLimits(reader);
      return;
    case 0x03:
      skipReferenceType(reader);
      reader.byte();
      return;
    case 0x04:
      reader.byte();
      reader.u32();
      return;
    default:
      throw new WasiError('PLUGIN_INVALID', `a core module imports something of unknown kind 0x${kind.toString(16)}`);
  }
}

/** One byte, or `ref`/`ref null` (0x64, 0x63) followed by a heap type. */
function skipReferenceType(reader: ByteReader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) reader.skipSigned();
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.byte();
  reader.skipSigned();
  if ((flags & HAS_MAXIMUM) !== 0) reader.skipSigned();
}

function checkExports(reader: ByteReader): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    checkCoreName(reader.name());
    reader.byte();
    reader.u32();
  }
}

/** Whether the module makes a memory of its own, so that `limitMemory` would change it. */
export function definesMemory(bytes: Uint8Array): boolean {
  for (const section of sections(bytes)) if (section.id === MEMORY_SECTION) return section.body[0] !== 0;
  return false;
}

/**
 * The module with every memory it defines capped at `memoryMb` MiB. Throws PLUGIN_MEMORY when it wants more from the
 * start, PLUGIN_INVALID for shared or 64-bit memories, which no plugin needs.
 */
export function limitMemory(bytes: Uint8Array, memoryMb: number): Uint8Array<ArrayBuffer> {
  for (const section of sections(bytes)) {
    if (section.id !== MEMORY_SECTION) continue;
    const body = limitedMemories(new ByteReader(section.body), memoryMb * PAGES_PER_MIB, memoryMb);
    const after = section.body.byteOffset - bytes.byteOffset + section.body.length;
    return concat([
      bytes.subarray(0, section.start),
      Uint8Array.from([MEMORY_SECTION, ...u32Leb(body.length), ...body]),
      bytes.subarray(after),
    ]);
  }
  return new Uint8Array(bytes);
}

function limitedMemories(reader: ByteReader, maximumPages: number, memoryMb: number): number[] {
  const count = reader.u32();
  const out = u32Leb(count);
  for (let i = 0; i < count; i += 1) {
    const flags = reader.byte();
    if ((flags & (SHARED | MEMORY64)) !== 0) {
      throw new WasiError(
        'PLUGIN_INVALID',
        'it wants a shared or 64-bit memory: build it for wasm32-wasip2 without threads',
      );
    }
    const minimum = reader.u32();
    const wanted = (flags & HAS_MAXIMUM) !== 0 ? reader.u32() : maximumPages;
    if (minimum > maximumPages) {
      throw new WasiError(
        'PLUGIN_MEMORY',
        `it needs ${Math.ceil(minimum / PAGES_PER_MIB)} MiB of memory from the start, and memory_mb allows ${memoryMb}. Raise ${limitKey('memory_mb')}`,
      );
    }
    out.push(HAS_MAXIMUM, ...u32Leb(minimum), ...u32Leb(Math.min(wanted, maximumPages)));
  }
  return out;
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
