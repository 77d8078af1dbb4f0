/** The pieces of a component's binary format that more than one reader needs (component-model Binary.md). */
import { WasiError } from '../errors/wasi-error';
import type { ByteReader } from './byte-reader';
import { checkCoreName, checkInnerName, checkVersionSuffix } from './names';

/** A count larger than the section's bytes cannot be true, and must not size an array. */
export function boundedCount(reader: ByteReader): number {
  const count = reader.u32();
  if (count > reader.bytes.length)
    throw new WasiError('PLUGIN_INVALID', `a section claims ${count} entries it does not hold`);
  return count;
}

export function eachEntry(reader: ByteReader, read: (reader: ByteReader) => void): void {
  for (let left = boundedCount(reader); left > 0; left -= 1) read(reader);
}

/** The name of an import or export, held against `check`; a version that is written beside it is skipped. */
export function externName(reader: ByteReader, check: (name: string) => string): string {
  const kind = reader.byte();
  const name = check(reader.name());
  if (kind === 0x02) checkVersionSuffix(reader.name());
  else if (kind > 0x02) throw unknownForm('name', kind);
  return name;
}

export function skipExternType(reader: ByteReader): void {
  const sort = reader.byte();
  switch (sort) {
    case 0x00:
      reader.byte();
      reader.u32();
      return;
    case 0x01:
    case 0x04:
    case 0x05:
      reader.u32();
      return;
    case 0x02:
    case 0x03:
      if (reader.byte() === 0x00 || sort === 0x02) reader.u32();
      return;
    default:
      throw unknownForm('type', sort);
  }
}

export function skipSort(reader: ByteReader): void {
  if (reader.byte() === 0x00) reader.byte();
}

export function skipSortIndex(reader: ByteReader): void {
  skipSort(reader);
  reader.u32();
}

/** Of something outside, of an instance's export, or of a core instance's. */
export function checkAlias(reader: ByteReader): void {
  skipSort(reader);
  const target = reader.byte();
  switch (target) {
    case 0x00:
      reader.u32();
      checkInnerName(reader.name());
      return;
    case 0x01:
      reader.u32();
      checkCoreName(reader.name());
      return;
    case 0x02:
      reader.u32();
      reader.u32();
      return;
    default:
      throw unknownForm('alias', target);
  }
}

export function unknownForm(what: string, byte: number): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `it uses a ${what} form (0x${byte.toString(16)}) newer than this package knows: update the package or rebuild the plugin`,
  );
}
