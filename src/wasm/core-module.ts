/** What is checked in each core module before jco or V8 sees it: that the names of its imports and exports are safe. */
import { WasiError } from '../errors/wasi-error';
import { ByteReader, sections } from './byte-reader';
import { checkCoreName } from './names';

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;

const FUNCTION = 0x00;
const HAS_MAXIMUM = 0x01;

/** Throws PLUGIN_INVALID when an import or export name could be code in generated JavaScript. */
export function checkCoreModuleNames(bytes: Uint8Array, check: (name: string) => string = checkCoreName): void {
  for (const section of sections(bytes)) {
    if (section.id === IMPORT_SECTION) checkImports(new ByteReader(section.body), check);
    if (section.id === EXPORT_SECTION) checkExports(new ByteReader(section.body), check);
  }
}

/** How many of an import section's entries are functions: they come first in the index space. */
export function importedFunctions(importSection: Uint8Array): number {
  return importedFunctionTypes(importSection).length;
}

/** The types, by index, of the functions among an import section's entries. */
export function importedFunctionTypes(importSection: Uint8Array): readonly number[] {
  const reader = new ByteReader(importSection);
  const types: number[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) {
    reader.name();
    reader.name();
    const { at } = reader;
    if (skipImportType(reader) === FUNCTION) types.push(new ByteReader(importSection.subarray(at + 1)).u32());
  }
  return types;
}

function checkImports(reader: ByteReader, check: (name: string) => string): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    check(reader.name());
    check(reader.name());
    skipImportType(reader);
  }
}

/** Returns the kind. */
export function skipImportType(reader: ByteReader): number {
  const kind = reader.byte();
  switch (kind) {
    case FUNCTION:
      reader.u32();
      return kind;
    case 0x01:
      skipReferenceType(reader);
      skipLimits(reader);
      return kind;
    case 0x02:
      skipLimits(reader);
      return kind;
    case 0x03:
      skipReferenceType(reader);
      reader.byte();
      return kind;
    case 0x04:
      reader.byte();
      reader.u32();
      return kind;
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

function checkExports(reader: ByteReader, check: (name: string) => string): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    check(reader.name());
    reader.byte();
    reader.u32();
  }
}
