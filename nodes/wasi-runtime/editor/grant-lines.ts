/** The body of a grants table in host.toml, line by line. */
import type { PluginView } from './runtime-view';

/** A table's own head: forms show the body alone. */
const TABLE_HEAD = /^\s*\[[^=]*\]\s*$/;

/** Without empty lines and table heads. */
export function bodyOf(lines: string): readonly string[] {
  return lines.split('\n').filter((line) => line.trim() !== '' && !TABLE_HEAD.test(line));
}

/** What the table would be with all that is asked for; what is granted now where nothing is missing. */
export function proposedGrants({ lines, grants }: Pick<PluginView, 'lines' | 'grants'>): string {
  return bodyOf(lines === '' ? grants : lines).join('\n');
}
