/**
 * host.toml changed by a machine in one place: whether a plugin is enabled, or what it is granted. Comments, order, line
 * endings, quoting and everything else stay byte for byte. The text is changed by where keys stand in it; then the old
 * and the new text are parsed and must differ in what was meant and in nothing else, and the new one must be a valid
 * host.toml. What cannot be done so is refused with the lines to paste (NotWritten), never guessed.
 *
 * Pure. Throws CONFIG_INVALID: ConfigInvalid for a text or grants that are wrong, NotWritten for a form not edited here.
 */
import { isDeepStrictEqual } from 'node:util';
import { pluginTable } from '../plugin-table';
import { enabledSplices } from './edit-enabled';
import { grantsSplices } from './edit-grants';
import { normalisePluginName } from './host-config';
import { NotWritten } from './not-written';
import { checkHostConfig } from './parse-host-config';
import { parseToml } from './parse-toml';
import { asTable, parsePastedGrants } from './pasted-grants';
import { PLUGIN_NAME } from './plugin-tables';
import { type ConfigInvalid, configInvalid } from './problems';
import { type Splice, TomlLayout } from './toml-layout';

/** At least one of the two. */
export interface PluginEdit {
  readonly plugin: string;
  readonly enabled?: boolean;
  /** The body of its grants table; replaces the one there is. */
  readonly grants?: string;
}

type Table = Readonly<Record<string, unknown>>;

const BYTE_ORDER_MARK = '\ufeff';
const SOURCE = 'host.toml';

export function editHostToml(text: string, edit: PluginEdit): string {
  const plugin = normalisePluginName(edit.plugin);
  if (!PLUGIN_NAME.test(plugin))
    throw configInvalid(
      `expected the name of a plugin (letters, digits, ".", "-" and "_"), found ${JSON.stringify(edit.plugin.slice(0, 64))}`,
    );
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  let edited = text.slice(mark.length);
  if (edit.grants !== undefined) edited = withGrants(edited, plugin, edit.grants, edit);
  if (edit.enabled !== undefined) edited = withEnabled(edited, plugin, edit.enabled, edit);
  const { problems } = checkHostConfig(edited);
  const [first] = problems;
  if (first !== undefined) throw invalidAfterwards(problems);
  return mark + edited;
}

/** What a person writes into host.toml for it. */
export function linesOf({ plugin, enabled, grants }: PluginEdit): string {
  const name = normalisePluginName(plugin);
  const tables = [
    ...(enabled === undefined ? [] : [`${pluginTable(name)}\nenabled = ${enabled}`]),
    ...(grants === undefined
      ? []
      : [[pluginTable(name, 'grants'), ...parsePastedGrants(name, grants).lines].join('\n')]),
  ];
  return tables.join('\n\n');
}

function withEnabled(text: string, plugin: string, enabled: boolean, edit: PluginEdit): string {
  const { plugins, key } = keyOf(text, plugin);
  const splices = enabledSplices(new TomlLayout(text), plugin, key, enabled);
  return verified(text, splices, edit, key ?? plugin, { ...asTable(plugins[key ?? plugin]), enabled });
}

function withGrants(text: string, plugin: string, pasted: string, edit: PluginEdit): string {
  const { plugins, key } = keyOf(text, plugin);
  const wanted = parsePastedGrants(plugin, pasted);
  const table = key === undefined ? undefined : asTable(plugins[key]);
  const splices = grantsSplices(new TomlLayout(text), plugin, key, asTable(table?.['grants']), wanted);
  return verified(text, splices, edit, key ?? plugin, { ...table, grants: wanted.values });
}

function keyOf(text: string, plugin: string): { readonly plugins: Table; readonly key: string | undefined } {
  const plugins = asTable(parseToml(text, SOURCE)['plugins']) ?? {};
  return { plugins, key: Object.keys(plugins).find((name) => normalisePluginName(name) === plugin) };
}

function verified(
  text: string,
  splices: readonly Splice[] | undefined,
  edit: PluginEdit,
  key: string,
  table: Table,
): string {
  const edited = splices && new TomlLayout(text).spliced(splices);
  if (edited !== undefined && means(edited, withPlugin(parseToml(text, SOURCE), key, table))) return edited;
  throw new NotWritten(
    `the table of ${edit.plugin} in host.toml is written in a form that is not edited here: paste the lines instead of what it says now`,
    linesOf(edit),
  );
}

function withPlugin(values: Table, key: string, table: Table): Table {
  return { ...values, plugins: { ...asTable(values['plugins']), [key]: table } };
}

/** The order of plugins is the order of a cycle. */
function means(text: string, expected: Table): boolean {
  let found: Table;
  try {
    found = parseToml(text, SOURCE);
  } catch {
    return false;
  }
  const order = (values: Table) => Object.keys(asTable(values['plugins']) ?? {});
  return (
    isDeepStrictEqual(withoutPrototypes(found), withoutPrototypes(expected)) &&
    isDeepStrictEqual(order(found), order(expected))
  );
}

/** The parser's tables have none, those put together here have. */
function withoutPrototypes(value: unknown): unknown {
  const table = asTable(value);
  if (table === undefined) return Array.isArray(value) ? value.map(withoutPrototypes) : value;
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, withoutPrototypes(entry)])),
  );
}

function invalidAfterwards(problems: ConfigInvalid['problems']): ConfigInvalid {
  const [first] = problems;
  return configInvalid(`host.toml would not be valid, ${first?.text ?? ''}`, { problems });
}
