/**
 * [plugins.*]. The order of the tables is the order of a cycle. A bundled plugin without a table is enabled as it
 * comes, after the ones that have one: leaving a table out changes nothing about a plugin, `enabled = false` turns it
 * off. What the table of a bundled plugin leaves out is as it comes, too (`leds = []` takes its LED away). Any other
 * plugin has no LED and no grant but those written down.
 */
import { type BundledPlugin, bundledPlugins } from './bundled-plugins';
import { deepFreeze } from './deep-freeze';
import type { Devices } from './device-tables';
import { NO_GRANTS, readGrants } from './grants-table';
import { type HostConfig, ISOLATIONS, normalisePluginName, type PluginConfig, type PluginLimits } from './host-config';
import { readLimits } from './host-tables';
import { RESERVED } from './parse-toml';
import type { TableReader } from './table-reader';

/** Names are parts of file names and topics. */
const PLUGIN_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

export function isPluginName(name: string): boolean {
  return PLUGIN_NAME.test(name) && normalisePluginName(name) !== RESERVED;
}

/** The plugin that a file of the plugin folder would be; undefined for a name that no plugin may have. */
export function pluginOfFile(fileName: string): string | undefined {
  if (!fileName.endsWith('.wasm')) return undefined;
  const name = fileName.slice(0, -'.wasm'.length);
  return isPluginName(name) ? normalisePluginName(name) : undefined;
}

/** Of the component, as `sha256sum` prints it. */
const SHA256 = /^[0-9a-f]{64}$/i;
/** One that is not bundled. */
const OTHER_PLUGIN: BundledPlugin = { grants: NO_GRANTS, settings: {} };

export interface PluginSurroundings {
  readonly devices: Devices;
  readonly limits: PluginLimits;
}

export function readPlugins(table: TableReader, { devices, limits }: PluginSurroundings): HostConfig['plugins'] {
  const bundled = bundledPlugins(devices);
  const plugins = new Map<string, PluginConfig>();
  const keys = new Map<string, string>();
  for (const key of table.names()) {
    const name = normalisePluginName(key);
    const twin = keys.get(name) ?? key;
    keys.set(name, twin);
    if (!isPluginName(name))
      table.wrong(key, 'a name of letters, digits, ".", "-" and "_" that is not "__proto__"', key);
    else if (twin !== key) table.wrong(key, `one table a plugin ("${twin}" is the same, "-" and "_" are one)`, key);
    plugins.set(name, readPlugin(name, key, table.table(key), { devices, limits }, bundled.get(name) ?? OTHER_PLUGIN));
  }
  for (const [name, plugin] of bundled) {
    if (!plugins.has(name)) plugins.set(name, asItComes(name, { devices, limits }, plugin));
  }
  return plugins;
}

/** Without a table: enabled, nothing granted. Bundled plugins always have one, if only an implied one. */
export function pluginConfig(config: HostConfig, name: string): PluginConfig {
  const normalised = normalisePluginName(name);
  const surroundings = { devices: config, limits: config.defaultLimits };
  return config.plugins.get(normalised) ?? deepFreeze(asItComes(normalised, surroundings, OTHER_PLUGIN));
}

function asItComes(name: string, { devices, limits }: PluginSurroundings, implied: BundledPlugin): PluginConfig {
  const leds = impliedLeds(implied, devices.leds.count);
  const settings = { ...implied.settings, ...ledSettings(leds) };
  return { name, enabled: true, leds, grants: implied.grants, settings, limits, isolation: 'shared' };
}

function readPlugin(
  name: string,
  key: string,
  table: TableReader,
  { devices, limits }: PluginSurroundings,
  implied: BundledPlugin,
): PluginConfig {
  const enabled = table.yesOrNo('enabled', true);
  if (!enabled) table.unused('the plugin is disabled');
  const leds = readLeds(table, implied, devices.leds.count);
  const grants = table.table('grants');
  const sha256 = readSha256(table);
  return {
    name,
    enabled,
    leds,
    grants: table.has('grants') ? readGrants(grants) : implied.grants,
    settings: { ...implied.settings, ...ledSettings(leds), ...readSettings(table.table('settings')) },
    limits: readLimits(table.table('limits'), limits),
    isolation: table.oneOf('isolation', ISOLATIONS, 'shared'),
    table: { key, hasGrants: table.has('grants') },
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/** `led = 3` or `leds = [3, 4]`. */
function readLeds(table: TableReader, implied: BundledPlugin, count: number): readonly number[] {
  const expected =
    count === 0 ? 'no LED, as leds.count is 0' : `a whole number from 0 to ${count - 1} (leds.count is ${count})`;
  const parse = (found: unknown) => (isLed(found, count) ? found : undefined);
  if (table.has('led') && table.has('leds')) {
    table.wrong('leds', 'either led or leds', 'both');
    return [];
  }
  if (table.has('led')) {
    const led = parse(table.value('led'));
    if (led === undefined) table.wrong('led', expected);
    return led === undefined ? [] : [led];
  }
  const leds = table.list('leds', expected, parse);
  if (!table.has('leds')) return impliedLeds(implied, count);
  return [...new Set(leds)].sort((a, b) => a - b);
}

/** A strip too short for a bundled plugin's usual LED leaves it without one. */
function impliedLeds({ led }: BundledPlugin, count: number): readonly number[] {
  return isLed(led, count) ? [led] : [];
}

function isLed(found: unknown, count: number): found is number {
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 && found < count;
}

/** How a guest learns which LEDs it may change. */
function ledSettings(leds: readonly number[]): Record<string, string> {
  const [first] = leds;
  return first === undefined ? {} : { led: String(first), leds: leds.join(',') };
}

/** Guests read text; numbers and truth values are written as TOML has them. */
function readSettings(table: TableReader): Record<string, string> {
  const settings: [string, string][] = [];
  for (const key of table.names()) {
    const found = table.value(key);
    if (typeof found === 'string' || typeof found === 'boolean' || Number.isFinite(found)) {
      settings.push([key, String(found)]);
    } else {
      table.wrong(key, 'a number, true, false or a text (tables and lists are not passed to plugins)');
    }
  }
  return Object.fromEntries(settings);
}

function readSha256(table: TableReader): string | undefined {
  const digest = table.text('sha256', { pattern: SHA256, expected: '64 hexadecimal digits', fallback: '' });
  return digest === '' ? undefined : digest.toLowerCase();
}
