/** Where a runtime's plugin files lie: the folder of its node, or `wasi/plugins` in the user directory. */
import { join, resolve } from 'node:path';
import type { RuntimeOptions } from './runtime-api';

export function pluginFolder({ pluginDir, userDir }: Pick<RuntimeOptions, 'pluginDir' | 'userDir'>): string {
  return pluginDir === '' ? join(userDir, 'wasi', 'plugins') : resolve(userDir, pluginDir);
}
