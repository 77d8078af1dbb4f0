/**
 * A plugin's tables taken out of host.toml, with the comments right above each: they are about it. What stands between two
 * tables stays. `undefined` where it is an entry of an inline table: that is a person's to edit.
 */
import { contentEnd, isBelow, type Splice, samePath, type TomlLayout } from './toml-layout';
import type { KeyPath } from './toml-scanner';

/** `key`: the plugin as the text calls it. */
export function removalSplices(layout: TomlLayout, key: string): readonly Splice[] | undefined {
  const path: KeyPath = ['plugins', key];
  const isOwn = (at: KeyPath) => samePath(at, path) || isBelow(at, path);
  const sections = layout.sections.filter(({ header, path: at }) => header !== undefined && isOwn(at));
  const pairs = layout.pairs.filter(({ path: at, table }) => isOwn(at) && !isOwn(table));
  if (pairs.some(({ inline }) => inline)) return undefined;
  const ranges = [
    ...sections.flatMap((section) => {
      return section.header ? [{ start: layout.commentAbove(section.header), end: contentEnd(section) }] : [];
    }),
    ...pairs.map(({ start, valueEnd }) => ({ start, end: valueEnd })),
  ];
  return joined(ranges, layout.text).map(({ start, end }) => layout.removeLines(start, end));
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Those between which there is nothing, or a comment behind the last value, are one. */
function joined(ranges: readonly Range[], text: string): readonly Range[] {
  const all: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last && /^[ \t]*(?:#[^\n]*)?\s*$/.test(text.slice(last.end, range.start)))
      all[all.length - 1] = { start: last.start, end: range.end };
    else all.push(range);
  }
  return all;
}
