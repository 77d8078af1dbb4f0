/**
 * Bounds how much of a component is looked at, before any of it is: 14 MB can hold three million imports, and their names
 * would be kept, compared, shown and handed from thread to thread. Only the sizes of sections and the numbers at their
 * beginnings are read here, at every level. Then inspecting it, checking its names and replacing its core names take time and
 * memory in proportion to these limits and not to the file (docs/decisions/0014-budgets-of-a-guest.md has what real
 * components have). Throws PLUGIN_INVALID.
 */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { ByteReader, MAX_SECTIONS, sections } from './byte-reader';
import { boundedCount } from './component-reader';

/** Binary.md, `section`; those that are not named here have entries. */
const SECTION = { custom: 0, coreModule: 1, component: 4, start: 9 } as const;
const CORE_SECTION = { import: 2, export: 7 } as const;

/** Compositions nest two or three deep. */
const MAX_DEPTH = 16;

/** At least four times what a Python plugin has, which has the most of all that were measured. */
export const SIZE_LIMITS = {
  /** 654, the core modules' among them. */
  sections: MAX_SECTIONS,
  /** 1 762 types, aliases, instances, imports, exports and canonical functions. */
  entries: 10_000,
  /** 82 530, in which the names and types are. */
  entryBytes: 512 * 1_024,
  /** 8 735 of core modules' imports and exports. */
  coreNames: 40_000,
  /** 176 724 of their sections. */
  coreNameBytes: 1_024 * 1_024,
} as const;

const WHAT: Readonly<Record<keyof Sizes, string>> = {
  sections: 'sections',
  entries: 'types, aliases, instances, imports and exports',
  entryBytes: 'bytes of types and names',
  coreNames: 'imported and exported names of core modules',
  coreNameBytes: 'bytes of imported and exported names of core modules',
};

type Sizes = Record<keyof typeof SIZE_LIMITS, number>;

export function checkComponentSize(component: Uint8Array): void {
  componentSizes(component);
}

/** Of a component with all that it holds; what is beyond a limit is not looked at. */
export function componentSizes(component: Uint8Array): Readonly<Sizes> {
  const sizes: Sizes = { sections: 0, entries: 0, entryBytes: 0, coreNames: 0, coreNameBytes: 0 };
  addComponent(component, 0, sizes);
  return sizes;
}

function addComponent(component: Uint8Array, depth: number, sizes: Sizes): void {
  if (depth > MAX_DEPTH) throw new WasiError('PLUGIN_INVALID', `it nests components more than ${MAX_DEPTH} deep`);
  for (const { id, body } of sections(component)) {
    add(sizes, 'sections', 1);
    switch (id) {
      case SECTION.custom:
      case SECTION.start:
        break;
      case SECTION.coreModule:
        addCoreModule(body, sizes);
        break;
      case SECTION.component:
        addComponent(body, depth + 1, sizes);
        break;
      default:
        add(sizes, 'entryBytes', body.length);
        add(sizes, 'entries', boundedCount(new ByteReader(body)));
    }
  }
}

function addCoreModule(module: Uint8Array, sizes: Sizes): void {
  for (const { id, body } of sections(module)) {
    add(sizes, 'sections', 1);
    if (id !== CORE_SECTION.import && id !== CORE_SECTION.export) continue;
    const names = boundedCount(new ByteReader(body));
    add(sizes, 'coreNameBytes', body.length);
    add(sizes, 'coreNames', id === CORE_SECTION.import ? 2 * names : names);
  }
}

function add(sizes: Sizes, key: keyof Sizes, more: number): void {
  sizes[key] += more;
  if (sizes[key] > SIZE_LIMITS[key])
    throw new WasiError('PLUGIN_INVALID', `it has more than ${SIZE_LIMITS[key]} ${WHAT[key]} ${FIXED}`);
}
