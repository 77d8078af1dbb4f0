/**
 * A component whose core names are numbers, `n0`, `n1` and so on, before jco sees it. Core names are what its core modules
 * import and export; compilers put any text there (`cm32p2|a:b/c@1|poll`, `main.(*T).Read-fm`). They mean nothing outside the
 * component: they only tie modules, core instances and aliases to each other. Another name that is the same everywhere
 * changes nothing that the component does, and leaves no text of its author for jco to write or to make variables of.
 *
 * Names of core types stay as they are: only imported core modules have them, which jco does not support.
 */
import { ByteReader, type Section, sections, u32Leb } from './byte-reader';
import { eachEntry, skipSort } from './component-reader';
import { skipImportType } from './core-module';
import { numberedCoreName } from './names';

/** Binary.md, `section`: those that hold core names. */
const SECTION = { coreModule: 1, coreInstance: 2, component: 4, alias: 6 } as const;
const CORE_SECTION = { import: 2, export: 7 } as const;
const HEADER_BYTES = 8;

/** What is nested deeper is refused by the check that follows. */
const MAX_DEPTH = 16;

export function withSafeCoreNames(component: Uint8Array): Uint8Array {
  return new Renaming().component(component, 0);
}

/** Reads a core name at the reader's place. */
type CoreName = () => void;

/** One component's: a name has one number everywhere in it. */
class Renaming {
  readonly #numbers = new Map<string, number>();

  component(bytes: Uint8Array, depth: number): Uint8Array {
    return inSections(bytes, ({ id, body }) => {
      switch (id) {
        case SECTION.coreModule:
          return inSections(body, (section) => this.#ofModule(section));
        case SECTION.component:
          return depth < MAX_DEPTH ? this.component(body, depth + 1) : body;
        case SECTION.coreInstance:
          return this.#inEntries(body, coreInstance);
        case SECTION.alias:
          return this.#inEntries(body, alias);
        default:
          return body;
      }
    });
  }

  #ofModule({ id, body }: Section): Uint8Array {
    if (id === CORE_SECTION.import) return this.#inEntries(body, coreImport);
    if (id === CORE_SECTION.export) return this.#inEntries(body, coreExport);
    return body;
  }

  #inEntries(body: Uint8Array, read: (reader: ByteReader, coreName: CoreName) => void): Uint8Array {
    const reader = new ByteReader(body);
    const parts: Uint8Array[] = [];
    let copied = 0;
    eachEntry(reader, () =>
      read(reader, () => {
        const from = reader.at;
        const name = Buffer.from(this.#numbered(reader.name()));
        parts.push(body.subarray(copied, from), Uint8Array.of(name.length), name);
        copied = reader.at;
      }),
    );
    return Buffer.concat([...parts, body.subarray(copied)]);
  }

  #numbered(name: string): string {
    const number = this.#numbers.get(name) ?? this.#numbers.size;
    this.#numbers.set(name, number);
    return numberedCoreName(number);
  }
}

function coreImport(reader: ByteReader, coreName: CoreName): void {
  coreName();
  coreName();
  skipImportType(reader);
}

function coreExport(reader: ByteReader, coreName: CoreName): void {
  coreName();
  reader.byte();
  reader.u32();
}

/** An instance of a module with its arguments, or one put together of single exports. */
function coreInstance(reader: ByteReader, coreName: CoreName): void {
  if (reader.byte() === 0x00) reader.u32();
  eachEntry(reader, () => coreExport(reader, coreName));
}

/** Of an instance's export, whose name is the component model's; of a core instance's; of something outside. */
function alias(reader: ByteReader, coreName: CoreName): void {
  skipSort(reader);
  const target = reader.byte();
  reader.u32();
  if (target === 0x00) reader.name();
  else if (target === 0x01) coreName();
  else reader.u32();
}

function inSections(bytes: Uint8Array, bodyOf: (section: Section) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, HEADER_BYTES)];
  for (const section of sections(bytes)) {
    const body = bodyOf(section);
    parts.push(Uint8Array.from([section.id, ...u32Leb(body.length)]), body);
  }
  return Buffer.concat(parts);
}
