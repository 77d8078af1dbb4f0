/**
 * The grants of a plugin written anew, key by key: what stays as it is stays where it is, with its comments. In whichever
 * form they are written: a table, an inline table, dotted keys, or not at all. `undefined` where a form would have to be
 * guessed: that is a person's to edit.
 */
import { isDeepStrictEqual } from 'node:util';
import { pluginTable } from '../errors/toml-plugin-header';
import { quotedKey } from './edit-enabled';
import type { PastedGrants, WrittenGrant } from './pasted-grants';
import { contentEnd, isBelow, type Splice, samePath, type TomlLayout } from './toml-layout';
import type { KeyPath, ScannedPair } from './toml-scanner';

type Splices = readonly Splice[] | undefined;

/** Where single grants are written as lines, and what stands before their keys there. */
interface Site {
  readonly pairs: readonly ScannedPair[];
  readonly prefix: string;
  /** New lines stand below this. */
  readonly end: number;
}

export function grantsSplices(
  layout: TomlLayout,
  plugin: string,
  key: string | undefined,
  before: Readonly<Record<string, unknown>> | undefined,
  wanted: PastedGrants,
): Splices {
  if (key === undefined) return inNewTable(layout, plugin, wanted);
  const path = ['plugins', key, 'grants'];
  const inline = layout.pair(path);
  if (inline) return [layout.replaceValue(inline, inlineTable(wanted))];
  const site = siteOf(layout, path);
  if (site) return keyByKey(layout, path, site, before ?? {}, wanted);
  if (before !== undefined) return undefined;
  const table = layout.pair(['plugins', key]);
  if (table) return [layout.intoInline(table, `grants = ${inlineTable(wanted)}`)];
  const own = layout.sections.filter(({ path: at }) => samePath(at, ['plugins', key]) || isBelow(at, ['plugins', key]));
  const lines = [pluginTable(key, 'grants'), ...wanted.lines];
  return [own.length > 0 ? layout.tableBelow(own.at(-1), lines) : layout.newTable('plugins', lines)];
}

function inNewTable(layout: TomlLayout, plugin: string, wanted: PastedGrants): Splices {
  const all = layout.pair(['plugins']);
  if (all && layout.isInlineTable(all))
    return [layout.intoInline(all, `${quotedKey(plugin)} = { grants = ${inlineTable(wanted)} }`)];
  return [layout.newTable('plugins', [pluginTable(plugin, 'grants'), ...wanted.lines])];
}

function siteOf(layout: TomlLayout, path: KeyPath): Site | undefined {
  const section = layout.section(path);
  if (section) return { pairs: section.pairs, prefix: layout.indentAt(contentEnd(section)), end: contentEnd(section) };
  const pairs = layout.pairs.filter((pair) => isBelow(pair.path, path) && pair.table.length < path.length);
  const [first] = pairs;
  const last = pairs.at(-1);
  if (!first || !last || pairs.some(({ inline }) => inline)) return undefined;
  const nameEnd = first.nameEnds[path.length - first.table.length - 1];
  const prefix = `${layout.indentAt(first.start)}${layout.text.slice(first.start, nameEnd)}.`;
  return { pairs, prefix, end: last.valueEnd };
}

function keyByKey(
  layout: TomlLayout,
  path: KeyPath,
  site: Site,
  before: Readonly<Record<string, unknown>>,
  wanted: PastedGrants,
): Splices {
  const changed = [...new Set([...Object.keys(before), ...wanted.written.keys()])].filter(
    (name) => !isDeepStrictEqual(before[name], wanted.values[name]),
  );
  const splices: Splice[] = [];
  const added: string[] = [];
  for (const name of changed) {
    // A part of it has a table of its own: which one to change is not for a machine to guess.
    if (layout.sections.some((section) => isBelow(section.path, path) && section.path[path.length] === name))
      return undefined;
    const old = site.pairs.filter((pair) => pair.path[path.length] === name);
    const next = wanted.written.get(name);
    const [only] = old;
    if (only && old.length === 1 && only.path.length === path.length + 1 && next?.value !== undefined) {
      splices.push(layout.replaceValue(only, next.value.replaceAll('\n', layout.eol)));
    } else {
      splices.push(...old.map((pair) => layout.remove(pair)));
      added.push(...linesOf(next, site.prefix));
    }
  }
  if (added.length > 0) splices.push(layout.linesBelow(site.end, added));
  return splices;
}

function linesOf(grant: WrittenGrant | undefined, prefix: string): readonly string[] {
  return (grant?.pairs ?? []).flatMap((pair) => `${prefix}${pair}`.split('\n'));
}

function inlineTable({ written }: PastedGrants): string {
  const pairs = [...written.values()].flatMap((grant) => grant.pairs);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}
