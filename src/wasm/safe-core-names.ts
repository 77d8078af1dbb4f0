/**
 * A component whose core names are all safe to be written into JavaScript, before jco sees it. Core names are what its core
 * modules import and export; compilers and linkers put any text there (`cm32p2|a:b/c@1|poll`, `main.(*T).Read-fm`,
 * `std::vector<int>::push_back(int&&)`). They mean nothing outside the component: they only tie modules, core instances and
 * aliases to each other. Replacing each by the same other name everywhere changes nothing that it does, and takes every text
 * of the plugin's author out of jco's hands, wherever jco would write it.
 *
 * Names of core types stay as they are: nothing but an imported core module has one, which jco does not support.
 */
import { ByteReader, type Section, sections, u32Leb } from './byte-reader';
import { eachEntry, skipSort } from './component-reader';
import { skipImportType } from './core-module';
import { safeCoreName } from './names';

/** Binary.md, `section`: those that hold core names. */
const SECTION = { coreModule: 1, coreInstance: 2, component: 4, alias: 6 } as const;
const CORE_SECTION = { import: 2, export: 7 } as const;
const HEADER_BYTES = 8;

/** What is nested deeper is refused by the check that follows. */
const MAX_DEPTH = 16;

/** Where a name stands, with its length, and what is to stand there. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** The same bytes where every core name is safe, as those of most components are. */
export function withSafeCoreNames(component: Uint8Array): Uint8Array {
  return inSections(component, (section) => ofComponent(section, 0));
}

function ofComponent({ id, body }: Section, depth: number): Uint8Array {
  switch (id) {
    case SECTION.coreModule:
      return inSections(body, ofModule);
    case SECTION.component:
      return depth < MAX_DEPTH ? inSections(body, (section) => ofComponent(section, depth + 1)) : body;
    case SECTION.coreInstance:
      return inEntries(body, coreInstance);
    case SECTION.alias:
      return inEntries(body, alias);
    default:
      return body;
  }
}

function ofModule({ id, body }: Section): Uint8Array {
  if (id === CORE_SECTION.import) {
    return inEntries(body, (reader, coreName) => {
      coreName();
      coreName();
      skipImportType(reader);
    });
  }
  if (id === CORE_SECTION.export) {
    return inEntries(body, (reader, coreName) => {
      coreName();
      reader.byte();
      reader.u32();
    });
  }
  return body;
}

/** An instance of a module with its arguments, or one put together of single exports. */
function coreInstance(reader: ByteReader, coreName: () => void): void {
  if (reader.byte() === 0x00) reader.u32();
  eachEntry(reader, () => {
    coreName();
    reader.byte();
    reader.u32();
  });
}

/** Of an instance's export, whose name is the component model's; of a core instance's; of something outside. */
function alias(reader: ByteReader, coreName: () => void): void {
  skipSort(reader);
  const target = reader.byte();
  reader.u32();
  if (target === 0x00) reader.name();
  else if (target === 0x01) coreName();
  else reader.u32();
}

/** `read` reads one entry, and calls what it is given where a core name begins. */
function inEntries(body: Uint8Array, read: (reader: ByteReader, coreName: () => void) => void): Uint8Array {
  const reader = new ByteReader(body);
  const found: Replacement[] = [];
  const coreName = () => {
    const from = reader.at;
    const name = reader.name();
    const safe = safeCoreName(name);
    if (safe !== name)
      found.push({ from, to: reader.at, bytes: Uint8Array.from([...u32Leb(safe.length), ...Buffer.from(safe)]) });
  };
  eachEntry(reader, () => read(reader, coreName));
  return found.length === 0 ? body : replaced(body, found);
}

function replaced(body: Uint8Array, found: readonly Replacement[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { from, to, bytes } of found) {
    parts.push(body.subarray(at, from), bytes);
    at = to;
  }
  return Buffer.concat([...parts, body.subarray(at)]);
}

/** `ofSection` returns the body it was given where nothing changes. */
function inSections(bytes: Uint8Array, ofSection: (section: Section) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, HEADER_BYTES)];
  let changed = false;
  for (const section of sections(bytes)) {
    const body = ofSection(section);
    changed ||= body !== section.body;
    parts.push(Uint8Array.from([section.id, ...u32Leb(body.length)]), body);
  }
  return changed ? Buffer.concat(parts) : bytes;
}
