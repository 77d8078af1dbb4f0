/**
 * All plugins of one runtime, by name: those of host.toml in its order, and any other that a flow asks for and that has
 * a file, for as long as it has one. Owns them and their folder's watcher; closes them together. Under another configuration, those whose part of it
 * changed are replaced once their calls are over, and the others live on with their state.
 */

import { isDeepStrictEqual } from 'node:util';
import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { type HostConfig, normalisePluginName, type PluginConfig } from '../host-config/host-config';
import { pluginConfig } from '../host-config/plugin-tables';
import { FolderWatcher } from '../platform/folder-watcher';
import { doneWithin } from '../platform/with-timeout';
import { Plugin, type PluginSurroundings } from './plugin';
import type { PluginFiles } from './plugin-files';

/** Names a flow may invent are bounded: each costs a little memory until the runtime closes. */
export const MAX_PLUGINS = 64;
/** What a call may still take of a plugin whose file is gone, before it is ended in the middle of it. */
const CALL_LIMIT_MS = 1_000;

export class Plugins {
  #config: HostConfig;
  #plugins: ReadonlyMap<string, Plugin>;
  #closed = false;
  /** Ends when the configuration that is being taken over holds. */
  #reconfiguring: Promise<unknown> = Promise.resolve();
  readonly #watcher: FolderWatcher;

  constructor(
    config: HostConfig,
    readonly files: PluginFiles,
    readonly around: PluginSurroundings,
  ) {
    this.#config = config;
    this.#plugins = new Map([...config.plugins].map(([name, plugin]) => [name, new Plugin(plugin, around)]));
    this.#watcher = new FolderWatcher(
      files.dir,
      () => this.refreshAll(),
      (error) =>
        around.log('', 'debug', `the plugin folder is not watched, every poll looks for itself: ${String(error)}`),
    );
  }

  /** Loads all plugins in the background, and watches their folder until it is closed. */
  start(): void {
    this.#watcher.start();
    this.refreshAll();
  }

  /** Starts what is not started and reloads what changed, in the background. */
  refreshAll(): void {
    for (const plugin of this.#plugins.values()) void plugin.refresh().then(() => this.#endIfGone(plugin));
  }

  /**
   * The file of a plugin was removed on purpose: ends its instance at once. One that host.toml names begins anew, without a
   * file; one that comes with the package takes over.
   */
  async fileGone(name: string): Promise<void> {
    const plugin = this.find(name);
    if (plugin === undefined) return;
    if (this.files.bundled.has(plugin.name)) {
      // A look that is under way may have begun before the file was gone.
      await plugin.refresh();
      await plugin.refresh();
    } else await this.#end(plugin);
  }

  /** Those of host.toml, in its order. */
  configured(): readonly Plugin[] {
    return [...this.#config.plugins.keys()].flatMap((name) => this.#plugins.get(name) ?? []);
  }

  all(): readonly Plugin[] {
    return [...this.#plugins.values()];
  }

  find(name: string): Plugin | undefined {
    return this.#plugins.get(normalisePluginName(name));
  }

  /** Throws PLUGIN_NOT_FOUND for a name that neither host.toml nor the plugin folder knows. */
  async get(name: string): Promise<Plugin> {
    const normalised = normalisePluginName(name);
    const known = this.#plugins.get(normalised);
    if (known) return known;
    if (!(await this.files.locate(normalised))) {
      throw new WasiError(
        'PLUGIN_NOT_FOUND',
        `there is no plugin ${normalised}: put ${normalised}.wasm into ${this.files.dir}, or choose another in the node`,
      );
    }
    // Else it would be made by the configuration before, and be none of those that are replaced.
    await this.#reconfiguring;
    if (this.#plugins.size >= MAX_PLUGINS) {
      throw new WasiError(
        'PLUGIN_NOT_FOUND',
        `${normalised} would be the ${MAX_PLUGINS + 1}th plugin of this runtime; at most ${MAX_PLUGINS} ${FIXED}`,
      );
    }
    const created = this.#plugins.get(normalised) ?? new Plugin(pluginConfig(this.#config, normalised), this.around);
    this.#plugins = new Map([...this.#plugins, [normalised, created]]);
    return created;
  }

  /**
   * Replaces what `config` changes (with `all`, every plugin), running `between` when the old ones are closed and no call
   * is under way. Returns the names of the replaced plugins. Not to be called again before it is over.
   */
  reconfigure(config: HostConfig, all: boolean, between: () => Promise<void>): Promise<readonly string[]> {
    const replaced = this.#reconfigure(config, all, between);
    this.#reconfiguring = replaced.catch(() => undefined);
    return replaced;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher.close();
    await Promise.all(this.all().map((plugin) => plugin.close()));
  }

  /** One that host.toml names goes on while it can: somebody may be about to copy its file anew. */
  async #endIfGone(plugin: Plugin): Promise<void> {
    if (this.#config.plugins.has(plugin.name) || !(await this.files.isGone(plugin.name))) return;
    await this.#end(plugin);
  }

  async #end(plugin: Plugin): Promise<void> {
    await doneWithin(CALL_LIMIT_MS, plugin.idle());
    await plugin.close();
    // Another configuration, which was taken over meanwhile, has seen to it.
    if (this.#closed || this.#plugins.get(plugin.name) !== plugin) return;
    const others = [...this.#plugins].filter(([name]) => name !== plugin.name);
    const config = this.#config.plugins.get(plugin.name);
    const successor = config && new Plugin(config, this.around);
    this.#plugins = new Map(successor ? [...this.#plugins, [plugin.name, successor]] : others);
    this.around.onGone(plugin);
    void successor?.refresh();
  }

  async #reconfigure(config: HostConfig, all: boolean, between: () => Promise<void>): Promise<readonly string[]> {
    const replaced = this.all().filter((plugin) => all || isChanged(plugin, pluginConfig(config, plugin.name)));
    await Promise.all(this.all().map((plugin) => plugin.idle()));
    await Promise.all(replaced.map((plugin) => plugin.close()));
    await between();
    if (this.#closed) return [];
    // One that host.toml does not name is made again when a flow asks for it.
    const kept = this.all().filter((plugin) => !replaced.includes(plugin));
    const next = new Map([...config.plugins].map(([name, plugin]) => [name, new Plugin(plugin, this.around)]));
    for (const plugin of kept) next.set(plugin.name, plugin);
    this.#plugins = next;
    this.#config = config;
    this.refreshAll();
    for (const plugin of replaced)
      if (!next.has(plugin.name) && (await this.files.isGone(plugin.name))) this.around.onGone(plugin);
    return replaced.map((plugin) => plugin.name);
  }
}

/**
 * How host.toml writes what it says is no reason to end a guest that runs; where none does, the message that says why has to
 * fit the file as it is now.
 */
function isChanged({ config, guest }: Plugin, next: PluginConfig): boolean {
  const { table: _before, ...before } = config;
  const { table: _after, ...after } = next;
  return guest ? !isDeepStrictEqual(after, before) : !isDeepStrictEqual(next, config);
}
