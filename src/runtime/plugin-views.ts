/**
 * Every plugin as the editor shows it: those of host.toml, those that a node asked for, and the files of the plugin folder
 * that nobody asked for yet. What a plugin asks for is shown whether it runs, rests, is disabled or was refused.
 */
import { WasiError } from '../errors/wasi-error';
import { grantsBody } from '../host-config/grant-lines';
import { type HostConfig, normalisePluginName, type PluginConfig } from '../host-config/host-config';
import { pluginConfig } from '../host-config/plugin-tables';
import type { ComponentLooks, Look } from '../plugin-host/component-looks';
import { accessView } from '../plugin-host/import-views';
import type { Plugin } from '../plugin-host/plugin';
import { asWasiError } from '../plugin-host/plugin-error';
import type { LocatedComponent, PluginFiles } from '../plugin-host/plugin-files';
import { roleOf } from '../plugin-host/plugin-role';
import type { PluginView } from '../runtime-api/admin-api';
import type { PluginCondition } from '../runtime-api/plugin-summary';
import type { PluginSummary } from '../runtime-api/runtime-api';
import type { ComponentShape } from '../wasm/inspect';
import { summaryOf } from './plugin-summary';

/** Well below the 3 s after which a RevPi's proxy gives up. */
const LOOK_LIMIT_MS = 1_500;
/** Files that nobody asked for: as many as a runtime could have plugins. */
const MAX_UNASKED = 64;

export interface ViewedPlugins {
  readonly config: HostConfig;
  readonly files: PluginFiles;
  readonly looks: ComponentLooks;
  all(): readonly Plugin[];
}

interface Viewed {
  readonly config: PluginConfig;
  readonly plugin: Plugin | undefined;
  readonly located: LocatedComponent | undefined;
}

export async function pluginViews(plugins: ViewedPlugins): Promise<readonly PluginView[]> {
  const known = plugins.all();
  const asked = new Set(known.map(({ name }) => name));
  const unasked = (await namesIn(plugins.files)).filter((name) => !asked.has(name)).slice(0, MAX_UNASKED);
  const viewed = await Promise.all([
    ...known.map((plugin) => locatedOf(plugins, plugin.config, plugin)),
    ...unasked.map((name) => locatedOf(plugins, pluginConfig(plugins.config, name), undefined)),
  ]);
  for (const { located, plugin, config } of viewed) {
    if (located && !runs(plugin, located)) plugins.looks.known(located, config.sha256);
  }
  await plugins.looks.settled(LOOK_LIMIT_MS);
  return viewed.map((one) => viewOf(one, plugins));
}

async function namesIn(files: PluginFiles): Promise<readonly string[]> {
  try {
    return await files.names();
  } catch (error) {
    // Each plugin's own last error says that the folder cannot be read.
    if (error instanceof WasiError) return [];
    throw error;
  }
}

async function locatedOf({ files }: ViewedPlugins, config: PluginConfig, plugin: Plugin | undefined): Promise<Viewed> {
  try {
    return { config, plugin, located: await files.locate(config.name) };
  } catch (error) {
    if (error instanceof WasiError) return { config, plugin, located: undefined };
    throw error;
  }
}

/** Whether what is there now is what runs. */
function runs(plugin: Plugin | undefined, located: LocatedComponent): boolean {
  return plugin?.guest?.located.key === located.key;
}

function viewOf({ config, plugin, located }: Viewed, { looks, files, config: host }: ViewedPlugins): PluginView {
  const look = located && !runs(plugin, located) ? looks.known(located, config.sha256) : undefined;
  const { digest, shape } = contentOf(plugin, look);
  const { imports, lines } = accessView(config.name, shape.imports, config.grants);
  const summary = plugin ? summaryOf(plugin) : unaskedSummary(config, look);
  const role = summary.role === 'unknown' ? roleIn(shape) : summary.role;
  const origin = summary.origin === 'unknown' && located ? located.origin : summary.origin;
  const file = located?.source.kind === 'file' ? located.source.path : undefined;
  const isRefused = lines === '' && imports.some(({ access }) => access === 'missing' || access === 'unknown');
  return {
    ...summary,
    role,
    origin: located === undefined ? 'missing' : origin,
    condition: conditionOf({ summary, isKnown: plugin !== undefined, look, lines, isRefused }),
    listed: host.plugins.has(normalisePluginName(config.name)),
    hasBundled: files.bundled.has(config.name),
    ...(file === undefined ? {} : { file }),
    ...(located?.sizeBytes === undefined ? {} : { sizeBytes: located.sizeBytes }),
    ...(digest === undefined ? {} : { sha256: digest }),
    pinned: config.sha256 !== undefined,
    exports: shape.exports,
    imports,
    lines,
    grants: grantsBody(config.grants),
    limits: config.limits,
  };
}

interface Standing {
  readonly summary: PluginSummary;
  /** Whether it is a plugin of the runtime, and not a file alone. */
  readonly isKnown: boolean;
  readonly look: Look | undefined;
  /** Of host.toml that would let it run. */
  readonly lines: string;
  /** It asks for what no line would let it have. */
  readonly isRefused: boolean;
}

function conditionOf({ summary, isKnown, look, lines, isRefused }: Standing): PluginCondition {
  const { state, lastError } = summary;
  if (isKnown) return state === 'backing-off' ? refusalOf(lastError?.code, lines) : state;
  if (look?.kind === 'looking') return 'inspecting';
  if (lastError !== undefined || isRefused) return 'invalid';
  return lines === '' ? 'unused' : 'needs-grant';
}

function refusalOf(code: string | undefined, lines: string): PluginCondition {
  switch (code) {
    case 'PLUGIN_NOT_FOUND':
      return 'no-file';
    case 'PLUGIN_INVALID':
      return 'invalid';
    case 'CAPABILITY_DENIED':
      return lines === '' ? 'invalid' : 'needs-grant';
    default:
      return 'backing-off';
  }
}

const NOTHING: ComponentShape = { imports: [], exports: [] };

function contentOf(
  plugin: Plugin | undefined,
  look: Look | undefined,
): { readonly digest: string | undefined; readonly shape: ComponentShape } {
  if (look?.kind === 'seen') {
    const { digest, shape } = look.component;
    return { digest, shape: shape === 'pinned-out' ? NOTHING : shape };
  }
  if (look === undefined && plugin?.guest) return { digest: plugin.guest.digest, shape: plugin.guest.shape };
  return { digest: undefined, shape: NOTHING };
}

function unaskedSummary({ name, leds }: PluginConfig, look: Look | undefined): PluginSummary {
  const lastError = lookError(name, look);
  return {
    name,
    state: 'disabled',
    role: 'unknown',
    origin: 'file',
    polls: 0,
    failures: 0,
    refusedCalls: 0,
    leds,
    ...(lastError ? { lastError } : {}),
  };
}

/** Why a file that nobody asked for could not run, grants aside. */
function lookError(plugin: string, look: Look | undefined): PluginSummary['lastError'] {
  if (look?.kind === 'refused') return { code: look.error.code, message: look.error.message, at: look.at };
  if (look?.kind !== 'seen' || look.component.shape === 'pinned-out') return undefined;
  try {
    roleOf(look.component.shape.exports);
    return undefined;
  } catch (error) {
    const { code, message } = asWasiError(error, plugin);
    return { code, message, at: look.at };
  }
}

function roleIn({ exports }: ComponentShape): PluginSummary['role'] {
  try {
    return exports.length === 0 ? 'unknown' : roleOf(exports).kind;
  } catch (error) {
    if (error instanceof WasiError) return 'unknown';
    throw error;
  }
}
