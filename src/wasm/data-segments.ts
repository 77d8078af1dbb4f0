/**
 * Takes the data out of a core module, to be written into its memory after instantiation. A Python plugin's snapshot is
 * 11 MB of data and 50 KB of code, and V8 keeps a copy of every module's bytes for as long as it lives: four plugins
 * spare 44 MB this way (docs/decisions/0003-data-outside-modules.md).
 *
 * Only done where nothing can tell the difference: the module defines and exports its one memory, has no start function,
 * and every segment is active at a constant offset. Instantiation is then over before anything reads the memory.
 */
import { WasiError } from '../errors';
import { ByteReader, sections } from './byte-reader';

const MEMORY_SECTION = 5;
const EXPORT_SECTION = 7;
const START_SECTION = 8;
const DATA_SECTION = 11;
const DATA_COUNT_SECTION = 12;

const I32_CONST = 0x41;
const END = 0x0b;
const EXPORTED_MEMORY = 0x02;

/** Below this, sparing the copy is not worth a second file. */
const WORTH_BYTES = 1_048_576;
/** Offset and length of one segment, each a little-endian u32, before its bytes. */
const SEGMENT_HEADER_BYTES = 8;

export interface SplitModule {
  readonly code: Uint8Array;
  /** Each segment: offset, length, bytes. */
  readonly data: Uint8Array;
  /** The export through which the data is written. */
  readonly memory: string;
}

/** undefined: the module stays whole. */
export function splitData(bytes: Uint8Array): SplitModule | undefined {
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  let data: Uint8Array | undefined;
  let memory: string | undefined;
  let definesMemory = false;
  for (const { id, start, body } of sections(bytes)) {
    if (id === START_SECTION || id === DATA_COUNT_SECTION) return undefined;
    if (id === MEMORY_SECTION) definesMemory = body[0] === 1;
    if (id === EXPORT_SECTION) memory = exportedMemory(new ByteReader(body));
    if (id === DATA_SECTION && body.length >= WORTH_BYTES) data = segments(new ByteReader(body));
    else kept.push(bytes.subarray(start, body.byteOffset - bytes.byteOffset + body.length));
  }
  if (!data || !definesMemory || memory === undefined) return undefined;
  return { code: Buffer.concat(kept), data, memory };
}

/** Writes what `splitData` took out. Throws PLUGIN_INVALID when a segment does not fit: the module would have trapped. */
export function writeData(data: Uint8Array, memory: WebAssembly.Memory): void {
  const target = new Uint8Array(memory.buffer);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length; ) {
    const offset = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const from = at + SEGMENT_HEADER_BYTES;
    if (offset + length > target.length) throw new WasiError('PLUGIN_INVALID', 'its data does not fit into its memory');
    target.set(data.subarray(from, from + length), offset);
    at = from + length;
  }
}

function exportedMemory(reader: ByteReader): string | undefined {
  let found: string | undefined;
  for (let left = reader.u32(); left > 0; left -= 1) {
    const name = reader.name();
    const kind = reader.byte();
    const index = reader.u32();
    if (kind === EXPORTED_MEMORY && index === 0) found = name;
  }
  return found;
}

function segments(reader: ByteReader): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) {
    if (reader.u32() !== 0 || reader.byte() !== I32_CONST) return undefined;
    const offset = reader.s32();
    if (reader.byte() !== END) return undefined;
    const bytes = reader.take(reader.u32());
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
    header.writeUInt32LE(offset >>> 0, 0);
    header.writeUInt32LE(bytes.length, 4);
    parts.push(header, bytes);
  }
  return Buffer.concat(parts);
}
