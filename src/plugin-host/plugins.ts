/**
 * All plugins of one runtime, by name: those of host.toml in its order, and any other that a flow asks for and that has
 * a file. Owns them, their folder's watcher and their kept state; closes them together.
 */
import { WasiError } from '../errors';
import { type HostConfig, normalisePluginName } from '../host-config/host-config';
import { pluginConfig } from '../host-config/plugin-tables';
import { Plugin, type PluginSurroundings } from './plugin';
import type { PluginFiles } from './plugin-files';
import { PluginWatcher } from './plugin-watcher';

/** Names a flow may invent are bounded: each costs a little memory until the runtime closes. */
const MAX_PLUGINS = 64;

export class Plugins {
  readonly #plugins = new Map<string, Plugin>();
  readonly #watcher: PluginWatcher;

  constructor(
    readonly config: HostConfig,
    readonly files: PluginFiles,
    readonly around: PluginSurroundings,
  ) {
    for (const plugin of config.plugins.values()) this.#plugins.set(plugin.name, new Plugin(plugin, around));
    this.#watcher = new PluginWatcher(
      files.dir,
      () => this.refreshAll(),
      (error) =>
        around.log('', 'debug', `the plugin folder is not watched, every poll looks for itself: ${String(error)}`),
    );
  }

  /** Starts what is not started and reloads what changed, in the background. */
  refreshAll(): void {
    for (const plugin of this.#plugins.values()) void plugin.refresh();
  }

  /** Those of host.toml, in its order. */
  configured(): readonly Plugin[] {
    return [...this.config.plugins.keys()].flatMap((name) => this.#plugins.get(name) ?? []);
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
    if (this.#plugins.size >= MAX_PLUGINS) {
      throw new WasiError(
        'PLUGIN_NOT_FOUND',
        `${normalised} would be the ${MAX_PLUGINS + 1}th plugin of this runtime; at most ${MAX_PLUGINS}`,
      );
    }
    const created = this.#plugins.get(normalised) ?? new Plugin(pluginConfig(this.config, normalised), this.around);
    this.#plugins.set(normalised, created);
    return created;
  }

  async close(): Promise<void> {
    this.#watcher.close();
    await Promise.all(this.all().map((plugin) => plugin.close()));
  }
}
