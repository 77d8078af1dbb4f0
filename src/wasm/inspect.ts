/**
 * Looks at a component without running or transpiling any of it: is it one, what does it import and export, by full
 * name with version. Reads the top-level import (10) and export (11) sections of component-model Binary.md. Throws
 * PLUGIN_INVALID for anything else than a whole component with safe names.
 */
import { WasiError } from '../errors';
import { ByteReader, sections } from './byte-reader';
import { boundedCount, externName, skipExternType, skipSortIndex } from './component-reader';
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

export function inspectComponent(bytes: Uint8Array): ComponentShape {
  checkHeader(bytes);
  const imports: string[] = [];
  const exports: string[] = [];
  for (const section of sections(bytes)) {
    if (section.id === IMPORT_SECTION) imports.push(...importNames(section.body));
    if (section.id === EXPORT_SECTION) exports.push(...exportNames(section.body));
  }
  return { imports, exports };
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

function importNames(body: Uint8Array): string[] {
  const reader = new ByteReader(body);
  return Array.from({ length: boundedCount(reader) }, () => {
    const name = externName(reader, checkExternName);
    skipExternType(reader);
    return name;
  });
}

function exportNames(body: Uint8Array): string[] {
  const reader = new ByteReader(body);
  return Array.from({ length: boundedCount(reader) }, () => {
    const name = awaitable(externName(reader, checkExternName));
    skipSortIndex(reader);
    if (reader.byte() === 0x01) skipExternType(reader);
    return name;
  });
}

/** A function of this name makes a promise of what the glue returns: awaiting it would call into the guest, or never end. */
function awaitable(name: string): string {
  if (name === 'then')
    throw new WasiError('PLUGIN_INVALID', 'it exports the name "then", which JavaScript would call: rename the export');
  return name;
}
