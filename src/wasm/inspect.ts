/**
 * Looks at a component without running or transpiling any of it: is it one, what does it import and export, by full
 * name with version. Reads the top-level import (10) and export (11) sections of component-model Binary.md. Throws
 * PLUGIN_INVALID for anything else than a whole component with safe names.
 */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { ByteReader, sections } from './byte-reader';
import { eachEntry, externName, skipExternType, skipSortIndex } from './component-reader';
import { checkComponentSize } from './component-size';
import { checkExternName } from './names';

export interface ComponentShape {
  /** e.g. `edge:plugin/i2c@1.0.0`, in file order. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

const IMPORT_SECTION = 10;
const EXPORT_SECTION = 11;

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** version 0x0d, layer 1; a core module has version 1, layer 0. */
const COMPONENT_VERSION = [0x0d, 0x00, 0x01, 0x00];
const CORE_MODULE_VERSION = [0x01, 0x00, 0x00, 0x00];

/** Of imports, and of exports: a Python plugin has 31 and 3. */
export const MAX_NAMES = 256;
/** Of all together, so that what is kept of a component stays below 256 KiB. A Python plugin's take 900. */
export const MAX_NAME_BYTES = 65_536;

export function inspectComponent(bytes: Uint8Array): ComponentShape {
  checkHeader(bytes);
  checkComponentSize(bytes);
  const imported: string[] = [];
  const exported: string[] = [];
  for (const section of sections(bytes)) {
    if (section.id === IMPORT_SECTION) eachEntry(new ByteReader(section.body), addTo(imported, 'imports', importName));
    if (section.id === EXPORT_SECTION) eachEntry(new ByteReader(section.body), addTo(exported, 'exports', exportName));
  }
  const length = [...imported, ...exported].reduce((sum, name) => sum + name.length, 0);
  if (length > MAX_NAME_BYTES)
    throw new WasiError(
      'PLUGIN_INVALID',
      `the names of its imports and exports have ${length} characters together; at most ${MAX_NAME_BYTES} ${FIXED}`,
    );
  return { imports: imported, exports: exported };
}

function addTo(names: string[], what: string, read: (reader: ByteReader) => string): (reader: ByteReader) => void {
  return (reader) => {
    if (names.length === MAX_NAMES)
      throw new WasiError('PLUGIN_INVALID', `it has more than ${MAX_NAMES} ${what} ${FIXED}: no plugin needs as many`);
    names.push(read(reader));
  };
}

function checkHeader(bytes: Uint8Array): void {
  const starts = (expected: readonly number[], at: number) => expected.every((byte, i) => bytes[at + i] === byte);
  if (starts(MAGIC, 0) && starts(COMPONENT_VERSION, 4)) return;
  if (starts(MAGIC, 0) && starts(CORE_MODULE_VERSION, 4)) {
    throw new WasiError(
      'PLUGIN_INVALID',
      'it is a core WebAssembly module, not a component: build it with componentize-py, jco componentize or cargo component',
    );
  }
  throw new WasiError('PLUGIN_INVALID', 'it is not a WebAssembly component (wrong first eight bytes): copy it again');
}

function importName(reader: ByteReader): string {
  const name = externName(reader, checkExternName);
  skipExternType(reader);
  return name;
}

function exportName(reader: ByteReader): string {
  const name = awaitable(externName(reader, checkExternName));
  skipSortIndex(reader);
  if (reader.byte() === 0x01) skipExternType(reader);
  return name;
}

/** A function of this name makes a promise of what the glue returns: awaiting it would call into the guest, or never end. */
function awaitable(name: string): string {
  if (name === 'then')
    throw new WasiError('PLUGIN_INVALID', 'it exports the name "then", which JavaScript would call: rename the export');
  return name;
}

/** Whether a list is one that `inspectComponent` may have made: for whoever gets it from another process or from a file. */
export function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_NAMES && value.every((name) => typeof name === 'string');
}
