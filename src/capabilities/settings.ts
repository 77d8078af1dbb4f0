/** `settings`: what host.toml says to this plugin, read-only. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-settings';
import type { CapabilityContext } from './capability-context';

export function settings({ data }: CapabilityContext): typeof Wit {
  return { get: (key) => (Object.hasOwn(data.settings, key) ? data.settings[key] : undefined) };
}
