/** Where `enabled` of a plugin is written, or is to be written: in whichever form the plugin's table has. */
import { pluginTable } from '../errors/toml-plugin-header';
import { isBelow, type Splice, type TomlLayout } from './toml-layout';

/** `key`: the plugin as the text calls it; undefined where it does not. */
export function enabledSplices(
  layout: TomlLayout,
  plugin: string,
  key: string | undefined,
  enabled: boolean,
): readonly Splice[] {
  const line = `enabled = ${enabled}`;
  const all = layout.pair(['plugins']);
  if (key === undefined) {
    const table = `${quotedKey(plugin)} = { ${line} }`;
    if (all && layout.isInlineTable(all)) return [layout.intoInline(all, table)];
    return [layout.newTable('plugins', [pluginTable(plugin), line])];
  }
  const path = ['plugins', key];
  const written = layout.pair([...path, 'enabled']);
  if (written) return [layout.replaceValue(written, String(enabled))];
  const section = layout.section(path);
  if (section?.header) {
    const indent = layout.indentAt(section.pairs[0]?.start ?? section.header.start);
    return [layout.linesBelow(section.header.end, [indent + line])];
  }
  const inline = layout.pair(path);
  if (inline) return [layout.intoInline(inline, line)];
  return besideParts(layout, path, line);
}

/** The plugin has no table of its own, only parts of it: dotted keys, or tables below it. */
function besideParts(layout: TomlLayout, path: readonly string[], line: string): readonly Splice[] {
  const dotted = layout.pairs.find((pair) => isBelow(pair.path, path) && pair.table.length < path.length);
  if (dotted) {
    const nameEnd = dotted.nameEnds[path.length - dotted.table.length - 1];
    const entry = `${layout.text.slice(dotted.start, nameEnd)}.${line}`;
    if (dotted.inline) return [{ start: dotted.start, end: dotted.start, text: `${entry}, ` }];
    return [layout.linesAbove(dotted.start, [layout.indentAt(dotted.start) + entry])];
  }
  const part = layout.sections.find((section) => section.header !== undefined && isBelow(section.path, path));
  if (!part?.header) return [];
  return [layout.linesAbove(layout.commentAbove(part.header), [pluginTable(String(path[1])), line, ''])];
}

export function quotedKey(name: string): string {
  return pluginTable(name).slice('[plugins.'.length, -']'.length);
}
