/** `settings`: what host.toml says to this plugin, read-only. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-settings';
import type { CapabilityContext } from './capability-context';

export function settings({ data }: CapabilityContext): typeof Wit {
  const values = new Map(data.settings);
  return { get: (key) => values.get(key) };
}
