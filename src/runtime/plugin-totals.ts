/** What a plugin has done since it was made, as /metrics counts it. */
import type { Plugin } from '../plugin-host/plugin';
import type { PluginTotals } from '../runtime-api/counters';

export function totalsOf({ name, work }: Plugin): PluginTotals {
  const { deviceCalls, ...others } = work;
  return {
    plugin: name,
    ...others,
    deviceCalls: deviceCalls.map(({ call, calls, failures }) => ({
      call,
      calls,
      failuresByCode: Object.fromEntries(failures),
    })),
  };
}
