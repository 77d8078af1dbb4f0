/** What can be done about a plugin from its row. */
import type { TextEdit } from './admin-api';

export interface PluginActions {
  /** Whoever looks may change something. */
  readonly mayWrite: boolean;
  reload(plugin: string): Promise<string>;
  /** Changes the plugin's table in host.toml, wherever that is; gives what to say about it. */
  change(plugin: string, edit: TextEdit): Promise<string>;
}
