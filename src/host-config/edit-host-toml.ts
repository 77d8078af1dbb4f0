/**
 * host.toml changed by a machine in one place: whether a plugin is enabled, what it is granted, or all of it taken out. Comments, order, line
 * endings, quoting and everything else stay byte for byte. The text is changed by where keys stand in it; then the old
 * and the new text are parsed and must differ in what was meant and in nothing else, and the new one must be a valid
 * host.toml. What cannot be done so is refused with the lines to paste (NotWritten), never guessed.
 *
 * Pure. Throws CONFIG_INVALID: ConfigInvalid for a text or grants that are wrong, NotWritten for a form not edited here.
 */
import { isDeepStrictEqual } from 'node:util';
import { pluginTable } from '../errors/toml-plugin-header';
import { enabledSplices } from './edit-enabled';
import { grantsSplices } from './edit-grants';
import { removalSplices } from './edit-remove';
import { normalisePluginName } from './host-config';
import { NotWritten } from './not-written';
import { checkHostConfig, MAX_CONFIG_BYTES } from './parse-host-config';
import { parseToml } from './parse-toml';
import { asTable, parsePastedGrants } from './pasted-grants';
import { isPluginName } from './plugin-tables';
import { type ConfigInvalid, configInvalid } from './problems';
import { type Splice, TomlLayout } from './toml-layout';

/** At least one of `enabled`, `grants` and, alone, `removed`. */
export interface PluginEdit {
  readonly plugin: string;
  readonly enabled?: boolean;
  /** The body of its grants table; replaces the one there is. */
  readonly grants?: string;
  /** Its tables are taken out. */
  readonly removed?: true;
}

type Table = Readonly<Record<string, unknown>>;

const BYTE_ORDER_MARK = '\ufeff';
const SOURCE = 'host.toml';

export function editHostToml(text: string, edit: PluginEdit): string {
  const plugin = normalisePluginName(edit.plugin);
  if (!isPluginName(plugin))
    throw configInvalid(
      `expected the name of a plugin (letters, digits, ".", "-" and "_"), found ${JSON.stringify(edit.plugin.slice(0, 64))}`,
    );
  // Before it is parsed: this is Node-RED's loop.
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES)
    throw configInvalid(`${SOURCE}: expected at most ${MAX_CONFIG_BYTES} bytes, found ${Buffer.byteLength(text)}`);
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  let edited = text.slice(mark.length);
  if (edit.grants !== undefined) edited = withGrants(edited, plugin, edit.grants, edit);
  if (edit.enabled !== undefined) edited = withEnabled(edited, plugin, edit.enabled, edit);
  if (edit.removed) edited = without(edited, plugin);
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
  const before = readText(text, plugin);
  const splices = enabledSplices(new TomlLayout(text), plugin, before.key, enabled);
  return verified(text, splices, edit, { ...before, name: 'enabled', wanted: enabled });
}

function withGrants(text: string, plugin: string, pasted: string, edit: PluginEdit): string {
  const before = readText(text, plugin);
  const wanted = parsePastedGrants(plugin, pasted);
  const splices = grantsSplices(new TomlLayout(text), plugin, before.key, asTable(before.table['grants']), wanted);
  return verified(text, splices, edit, { ...before, name: 'grants', wanted: wanted.values });
}

function without(text: string, plugin: string): string {
  const { values, key } = readText(text, plugin);
  if (key === undefined) return text;
  const layout = new TomlLayout(text);
  const splices = removalSplices(layout, key);
  const edited = splices && layout.spliced(splices);
  if (edited !== undefined && removesOnly(edited, values, key)) return edited;
  throw new NotWritten(
    `the table of ${plugin} in host.toml is written in a form that is not edited here: take it out by hand`,
    '',
  );
}

interface Read {
  readonly values: Table;
  readonly plugin: string;
  /** The plugin as the text calls it. */
  readonly key: string | undefined;
  readonly table: Table;
}

/** What an edit is to change, and what is there before it. */
interface Change extends Read {
  readonly name: string;
  readonly wanted: unknown;
}

function readText(text: string, plugin: string): Read {
  const values = parseToml(text, SOURCE);
  const plugins = asTable(values['plugins']) ?? {};
  const key = Object.keys(plugins).find((name) => normalisePluginName(name) === plugin);
  return { values, plugin, key, table: (key !== undefined && asTable(plugins[key])) || {} };
}

function verified(text: string, splices: readonly Splice[] | undefined, edit: PluginEdit, change: Change): string {
  const edited = splices && new TomlLayout(text).spliced(splices);
  if (edited !== undefined && changesOnly(edited, change)) return edited;
  throw new NotWritten(
    `the table of ${edit.plugin} in host.toml is written in a form that is not edited here: paste the lines instead of what it says now`,
    linesOf(edit),
  );
}

/** Of the old text: all but the wanted is there, in its order (that of the plugins is the order of a cycle). */
function changesOnly(text: string, { values, plugin, key = plugin, table, name, wanted }: Change): boolean {
  let found: Table;
  try {
    found = parseToml(text, SOURCE);
  } catch {
    return false;
  }
  const plugins = asTable(found['plugins']) ?? {};
  const before = asTable(values['plugins']) ?? {};
  const own = asTable(plugins[key]) ?? {};
  return (
    sameApart(values, found, 'plugins') &&
    sameApart(before, plugins, key) &&
    isDeepStrictEqual(Object.keys(plugins), Object.keys({ ...before, [key]: undefined })) &&
    sameApart(table, own, name) &&
    isDeepStrictEqual(own[name], wanted)
  );
}

/** Of the old text: all but the plugin is there, in its order. A table of plugins that becomes empty may be gone. */
function removesOnly(text: string, values: Table, key: string): boolean {
  let found: Table;
  try {
    found = parseToml(text, SOURCE);
  } catch {
    return false;
  }
  const before = asTable(values['plugins']) ?? {};
  const plugins = asTable(found['plugins']) ?? {};
  const names = Object.keys(before).filter((name) => name !== key);
  return (
    sameApart(values, found, 'plugins') &&
    sameApart(before, plugins, key) &&
    isDeepStrictEqual(Object.keys(plugins), names)
  );
}

/** Whether all entries but one are the same, and there is no further one. */
function sameApart(before: Table, after: Table, name: string): boolean {
  const others = (table: Table) => Object.keys(table).filter((key) => key !== name);
  return (
    others(after).length === others(before).length &&
    others(before).every((key) => Object.hasOwn(after, key) && isDeepStrictEqual(before[key], after[key]))
  );
}

function invalidAfterwards(problems: ConfigInvalid['problems']): ConfigInvalid {
  const [first] = problems;
  return configInvalid(`host.toml would not be valid, ${first?.text ?? ''}`, { problems });
}
