/**
 * Takes the data out of a core module, to be written into its memory after instantiation. A Python plugin's snapshot is
 * 11 MB of data and 50 KB of code, and V8 keeps a copy of every module's bytes for as long as it lives: four plugins
 * spare 44 MB this way (docs/decisions/0003-data-outside-modules.md).
 *
 * Only done where nothing can tell the difference: the module defines and exports its one memory, has no start function,
 * and every segment is active at a constant offset. Instantiation is then over before anything reads the memory.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { ByteReader, sections } from './byte-reader';
import { DamagedBlob } from './damaged-blob';

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

/** Where the data of a split module lies. */
export interface StoredData {
  readonly path: string;
  /** sha256 of the file. */
  readonly digest: string;
}

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

/**
 * Reads what `splitData` took out from its file straight into the memory: a buffer between would stay resident
 * (docs/decisions/0005-no-large-buffers.md). Throws DamagedBlob when it is not what `digest` says, or does not fit, where
 * the whole module would have trapped. The memory is then not to be used.
 */
export function readData({ path, digest }: StoredData, memory: WebAssembly.Memory): void {
  const hash = createHash('sha256');
  const file = open(path);
  try {
    const target = new Uint8Array(memory.buffer);
    const header = new Uint8Array(SEGMENT_HEADER_BYTES);
    const view = new DataView(header.buffer);
    while (readFully(file, header) > 0) {
      const offset = view.getUint32(0, true);
      const length = view.getUint32(4, true);
      if (offset + length > target.length) throw new DamagedBlob('its data does not fit into its memory');
      const segment = target.subarray(offset, offset + length);
      hash.update(header).update(segment.subarray(0, readFully(file, segment)));
    }
  } finally {
    closeSync(file);
  }
  if (hash.digest('hex') !== digest) throw DamagedBlob.altered(path);
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw DamagedBlob.unreadable(path, cause);
  }
}

/** How many bytes there were left; what was cut short has another digest. */
function readFully(file: number, into: Uint8Array): number {
  let at = 0;
  for (let length = -1; length !== 0 && at < into.length; at += length) {
    length = readSync(file, into, at, into.length - at, null);
  }
  return at;
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
