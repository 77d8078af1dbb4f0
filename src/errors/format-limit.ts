/** How a limit that was hit is spoken of: by its key in host.toml where it can be raised, else as what it is. */
import { pluginTable } from './toml-plugin-header';

export type LimitKey = 'deadline_ms' | 'load_deadline_ms' | 'memory_mb';

/** Behind the number. */
export const FIXED = '(a fixed limit)';

/** Without a plugin: for one whose name the speaker does not know. */
export function limitKey(key: LimitKey, plugin?: string): string {
  const where = plugin === undefined ? '[limits] or [plugins.X.limits]' : pluginTable(plugin, 'limits');
  return `${key} in ${where} of host.toml`;
}
