/** A plugin as nodes, the dashboard and the editor see it. */
import type { Plugin } from '../plugin-host/plugin';
import type { PluginSummary } from '../runtime-api/runtime-api';

export function summaryOf(plugin: Plugin): PluginSummary {
  const { polls, failures, failuresByCode, refusedCalls, lastError, failing } = plugin.counts;
  const { guest, latency } = plugin;
  return {
    name: plugin.name,
    state: plugin.state,
    role: plugin.role,
    origin: plugin.origin,
    polls,
    failures,
    refusedCalls,
    leds: plugin.config.leds,
    ...(latency ? { latency } : {}),
    ...(guest ? { memoryBytes: guest.memoryBytes } : {}),
    ...(failuresByCode.size > 0 ? { failuresByCode: Object.fromEntries(failuresByCode) } : {}),
    ...(failing ? { failing } : {}),
    ...(lastError ? { lastError } : {}),
  };
}
