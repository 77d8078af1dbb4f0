/** What is checked in each core module before jco or V8 sees it: that the names of its imports and exports are safe. */
import { WasiError } from '../errors';
import { ByteReader, sections } from './byte-reader';
import { checkCoreName } from './names';

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;

const FUNCTION = 0x00;
const HAS_MAXIMUM = 0x01;

/** Throws PLUGIN_INVALID when an import or export name could be code in generated JavaScript. */
export function checkCoreModuleNames(bytes: Uint8Array): void {
  for (const section of sections(bytes)) {
    if (section.id === IMPORT_SECTION) checkImports(new ByteReader(section.body));
    if (section.id === EXPORT_SECTION) checkExports(new ByteReader(section.body));
  }
}

/** How many of an import section's entries are functions: they come first in the index space. */
export function importedFunctions(importSection: Uint8Array): number {
  const reader = new ByteReader(importSection);
  let functions = 0;
  for (let left = reader.u32(); left > 0; left -= 1) {
    reader.name();
    reader.name();
    if (skipImportType(reader) === FUNCTION) functions += 1;
  }
  return functions;
}

function checkImports(reader: ByteReader): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    checkCoreName(reader.name());
    checkCoreName(reader.name());
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

function checkExports(reader: ByteReader): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    checkCoreName(reader.name());
    reader.byte();
    reader.u32();
  }
}
