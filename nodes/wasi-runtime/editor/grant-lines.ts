/** The body of a grants table in host.toml, as lines: what is granted, and what would grant the rest. */
import type { ImportView, PluginView } from './runtime-view';

/** A table's own head: the panel shows the body alone. */
const TABLE_HEAD = /^\s*\[.*\]\s*$/;

/** Without empty lines and table heads. */
export function bodyOf(lines: string): readonly string[] {
  return lines.split('\n').filter((line) => line.trim() !== '' && !TABLE_HEAD.test(line));
}

/** Granted lines first; a line is there once, by its key. */
export function linesOf({ imports, lines }: Pick<PluginView, 'imports' | 'lines'>): string {
  const byKey = new Map<string, string>();
  for (const line of [...grantedLines(imports), ...bodyOf(lines)]) {
    if (!byKey.has(keyOf(line))) byKey.set(keyOf(line), line);
  }
  return [...byKey.values()].join('\n');
}

function grantedLines(imports: readonly ImportView[]): readonly string[] {
  return imports.flatMap(({ granted }) => (granted === undefined ? [] : bodyOf(granted)));
}

function keyOf(line: string): string {
  return line.split('=')[0]?.trim() ?? '';
}
