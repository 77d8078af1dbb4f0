/** What can be done about a plugin from its row. */
import type { PluginChange } from './admin-api';

export interface PluginActions {
  /** Whoever looks may change something. */
  readonly mayWrite: boolean;
  reload(plugin: string): Promise<string>;
  /** Changes the plugin's table in host.toml, wherever that is; gives what to say about it. */
  change(plugin: string, edit: PluginChange): Promise<string>;
  /** Removes its file, and what belongs to it; its row goes with the next view. */
  remove(plugin: string): Promise<string>;
}
