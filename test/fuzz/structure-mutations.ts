/**
 * Mutations that keep the file readable down to the place they change: sections dropped, doubled, moved, taken from
 * another file; bytes within one section; names. One that renames everywhere leaves a valid component, which only a check
 * of names can stop.
 */
import { mutateBytes } from './byte-mutations';
import { HOSTILE_NAMES } from './hostile-names';
import type { Random } from './random';
import { type Binary, binariesIn, isBinary, join, leb, type Section } from './section-tree';

/** Changes `binary`; `other` is a second file to take from. */
type StructureMutation = (binary: Binary, other: Binary, random: Random) => void;

const MAX_SHORT_NAME = 0x7f;

const drop: StructureMutation = (binary, _other, random) => {
  binary.sections.splice(random.below(binary.sections.length), 1);
};

const double: StructureMutation = (binary, _other, random) => {
  const section = random.pickAny(binary.sections);
  if (section) binary.sections.splice(random.below(binary.sections.length + 1), 0, { ...section });
};

const move: StructureMutation = (binary, _other, random) => {
  const [section] = binary.sections.splice(random.below(binary.sections.length), 1);
  if (section) binary.sections.splice(random.below(binary.sections.length + 1), 0, section);
};

const take: StructureMutation = (binary, other, random) => {
  const section = random.pickAny(random.pickAny(binariesIn(other))?.sections ?? []);
  if (section) binary.sections.splice(random.below(binary.sections.length + 1), random.below(2), { ...section });
};

const renumber: StructureMutation = (binary, _other, random) => {
  const at = random.below(binary.sections.length);
  const section = binary.sections[at];
  if (section) binary.sections[at] = { id: random.below(16), content: section.content };
};

const within: StructureMutation = (binary, _other, random) => {
  const section = random.pickAny(plainSections(binary));
  if (section && section.content instanceof Uint8Array) section.content = mutateBytes(section.content, random);
};

/** One occurrence of a name: what refers to it breaks, unless it is never referred to. */
const renameOne: StructureMutation = (binary, _other, random) => {
  const section = random.pickAny(plainSections(binary));
  const name = section && random.pickAny(namesIn(section));
  if (section && name) rename([section], name, random.pick(HOSTILE_NAMES), 1);
};

function plainSections(binary: Binary): Section[] {
  return binary.sections.filter(({ content }) => !isBinary(content));
}

/** What looks like a name: a length, then as many printable characters. */
function namesIn({ content }: Section): string[] {
  if (isBinary(content)) return [];
  const names: string[] = [];
  for (let at = 0; at < content.length; at += 1) {
    const length = content[at] ?? 0;
    const name = content.subarray(at + 1, at + 1 + length);
    if (length > 0 && length <= MAX_SHORT_NAME && name.length === length && name.every((c) => c > 0x20 && c < 0x7f)) {
      names.push(Buffer.from(name).toString('latin1'));
    }
  }
  return names;
}

function rename(sections: readonly Section[], from: string, to: string, times = Number.POSITIVE_INFINITY): void {
  const old = Buffer.from([from.length, ...Buffer.from(from, 'latin1')]);
  const encoded = Buffer.from(to);
  const put = Uint8Array.from([...leb(encoded.length), ...encoded]);
  let left = times;
  for (const section of sections) {
    if (isBinary(section.content)) continue;
    let rest = Buffer.from(section.content);
    const parts: Uint8Array[] = [];
    for (let at = rest.indexOf(old); at >= 0 && left > 0; at = rest.indexOf(old)) {
      parts.push(rest.subarray(0, at), put);
      rest = rest.subarray(at + old.length);
      left -= 1;
    }
    section.content = join([...parts, rest]);
  }
}

const STRUCTURE_MUTATIONS = [drop, double, move, take, renumber, within, within, within, renameOne] as const;

export function mutateStructure(root: Binary, other: Binary, random: Random): void {
  const binary = random.pickAny(binariesIn(root)) ?? root;
  random.pick(STRUCTURE_MUTATIONS)(binary, other, random);
}

export function renameEverywhere(root: Binary, random: Random): void {
  const sections = binariesIn(root).flatMap(plainSections);
  const name = random.pickAny(sections.flatMap(namesIn));
  if (name) rename(sections, name, random.pick(HOSTILE_NAMES));
}
