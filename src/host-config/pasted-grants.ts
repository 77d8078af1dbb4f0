/**
 * The body of a grants table as somebody typed or pasted it: the pairs of `[plugins.X.grants]`, with or without that header
 * above them. Nothing in it may lead out of that table: another header is refused. Throws CONFIG_INVALID with the line.
 */
import { normalisePluginName } from './host-config';
import { parseToml } from './parse-toml';
import { configInvalid } from './problems';
import { isTable } from './table-reader';
import { TomlLayout } from './toml-layout';
import type { KeyPath } from './toml-scanner';

export interface PastedGrants {
  readonly values: Readonly<Record<string, unknown>>;
  /** Its lines, without a header and without blank lines around them. */
  readonly lines: readonly string[];
  /** How each key of the table is written: one value, or pairs such as `process_image.read = […]`. */
  readonly written: ReadonlyMap<string, WrittenGrant>;
}

export interface WrittenGrant {
  /** Of `key = value`; undefined where its parts are written one by one. */
  readonly value: string | undefined;
  readonly pairs: readonly string[];
}

/** A hundred times the longest that makes sense. */
const MAX_BYTES = 16 * 2 ** 10;
const SOURCE = 'grants';

export function parsePastedGrants(plugin: string, pasted: string): PastedGrants {
  if (Buffer.byteLength(pasted) > MAX_BYTES)
    throw configInvalid(`${SOURCE}: expected at most ${MAX_BYTES} bytes, found ${Buffer.byteLength(pasted)}`);
  const text = pasted.replace(/\r\n?/g, '\n');
  const body = withoutHeader(plugin, text);
  const values = parseToml(body, SOURCE);
  const layout = new TomlLayout(body);
  const written = new Map<string, WrittenGrant>();
  for (const pair of layout.sections.flatMap(({ pairs }) => pairs)) {
    const [key = ''] = pair.path.map(String);
    const pairs = [...(written.get(key)?.pairs ?? []), body.slice(pair.start, pair.valueEnd)];
    written.set(key, { value: pair.path.length === 1 ? layout.valueOf(pair) : undefined, pairs });
  }
  return { values, lines: body === '' ? [] : body.split('\n'), written };
}

function withoutHeader(plugin: string, text: string): string {
  parseToml(text, SOURCE);
  const { sections } = new TomlLayout(text);
  const [above, first, ...others] = sections;
  const own = first?.header && isGrantsOf(plugin, first.path) && above?.pairs.length === 0 && others.length === 0;
  if (own) return trimmed(text.slice(first.header?.end).replace(/^[ \t]*(?:#[^\n]*)?\n/, ''));
  const stray = sections.find(({ header }) => header !== undefined);
  if (stray?.header === undefined) return trimmed(text);
  const line = text.slice(0, stray.header.start).split('\n').length;
  const problem = `line ${line}: expected the lines of one grants table, found the header of another table`;
  throw configInvalid(`${SOURCE}, ${problem}`, { problems: [{ line, text: problem }] });
}

function isGrantsOf(plugin: string, path: KeyPath): boolean {
  const [plugins, name, grants] = path;
  return (
    path.length === 3 &&
    plugins === 'plugins' &&
    grants === 'grants' &&
    normalisePluginName(String(name)) === normalisePluginName(plugin)
  );
}

function trimmed(body: string): string {
  return body.replace(/^(?:[ \t]*\n)+/, '').trimEnd();
}

export function asTable(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isTable(value) ? value : undefined;
}
