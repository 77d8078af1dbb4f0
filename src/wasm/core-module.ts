/** What is asked of each core module inside a component before jco or V8 sees it: safe names of imports and exports. */
import { WasiError } from '../errors';
import { ByteReader, sections } from './byte-reader';
import { checkCoreName } from './names';

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;

const HAS_MAXIMUM = 0x01;

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
