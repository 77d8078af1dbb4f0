/**
 * Every name inside a component, at every level, held against what the component model allows before jco's generator
 * sees any of it; core names must have been replaced by safe-core-names.ts (component-model Binary.md): core modules, instances, nested components, aliases, types with their
 * fields and cases, imports and exports. jco writes names into its glue; what it refuses by itself is refused here as
 * well, and a form that is not known is refused, since a name could hide in it. Throws PLUGIN_INVALID.
 */
import { WasiError } from '../errors/wasi-error';
import { ByteReader, sections } from './byte-reader';
import { checkAlias, eachEntry, externName, skipExternType, skipSortIndex, unknownForm } from './component-reader';
import { checkComponentTypes } from './component-types';
import { checkCoreModuleNames } from './core-module';
import { checkCoreName, checkExternName, checkInnerName } from './names';

/** Binary.md, `section`. */
const SECTION = {
  custom: 0,
  coreModule: 1,
  coreInstance: 2,
  coreType: 3,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  start: 9,
  import: 10,
  export: 11,
} as const;

/** Compositions nest two or three deep. */
const MAX_DEPTH = 16;

export function checkComponentNames(component: Uint8Array): void {
  walk(component, 0);
}

function walk(component: Uint8Array, depth: number): void {
  if (depth > MAX_DEPTH) throw new WasiError('PLUGIN_INVALID', `it nests components more than ${MAX_DEPTH} deep`);
  for (const { id, body } of sections(component)) {
    const reader = new ByteReader(body);
    switch (id) {
      // Without a name that is ever written anywhere.
      case SECTION.custom:
      case SECTION.coreType:
      case SECTION.canon:
      case SECTION.start:
        break;
      case SECTION.coreModule:
        checkCoreModuleNames(body);
        break;
      case SECTION.coreInstance:
        eachEntry(reader, coreInstance);
        break;
      case SECTION.component:
        walk(body, depth + 1);
        break;
      case SECTION.instance:
        eachEntry(reader, instance);
        break;
      case SECTION.alias:
        eachEntry(reader, checkAlias);
        break;
      case SECTION.type:
        checkComponentTypes(reader);
        break;
      case SECTION.import:
        eachEntry(reader, () => {
          externName(reader, depth === 0 ? checkExternName : checkInnerName);
          skipExternType(reader);
        });
        break;
      case SECTION.export:
        eachEntry(reader, () => {
          externName(reader, depth === 0 ? checkExternName : checkInnerName);
          skipSortIndex(reader);
          if (reader.byte() === 0x01) skipExternType(reader);
        });
        break;
      default:
        throw unknownForm('section', id);
    }
  }
}

/** An instance of a module with its arguments, or one put together of single exports. */
function coreInstance(reader: ByteReader): void {
  const form = reader.byte();
  if (form > 0x01) throw unknownForm('core instance', form);
  if (form === 0x00) reader.u32();
  eachEntry(reader, () => {
    checkCoreName(reader.name());
    reader.byte();
    reader.u32();
  });
}

function instance(reader: ByteReader): void {
  const form = reader.byte();
  if (form > 0x01) throw unknownForm('instance', form);
  if (form === 0x00) reader.u32();
  eachEntry(reader, () => {
    if (form === 0x00) checkInnerName(reader.name());
    else externName(reader, checkInnerName);
    skipSortIndex(reader);
  });
}
