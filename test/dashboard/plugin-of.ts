/** A plugin's summary for tests: say what matters, the rest is filled in. */
import type { PluginSummary } from '../../src/runtime-api/runtime-api';

export function pluginOf(parts: Partial<PluginSummary> = {}): PluginSummary {
  return {
    name: 'dht22',
    state: 'ready',
    role: 'sensor',
    origin: 'bundled',
    polls: 0,
    failures: 0,
    refusedCalls: 0,
    leds: [],
    ...parts,
  };
}
