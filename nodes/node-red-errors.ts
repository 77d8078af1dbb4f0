/**
 * What Node-RED's `done` is given: always a WasiError, so that a catch node finds a code of the contract in
 * `msg.error.code` whatever went wrong, and the original in `cause`.
 */
import { WasiError } from '../src/errors/wasi-error';
import type { PluginFailure } from '../src/runtime-api/runtime-api';

/** What no part of this package has named is counted as the plugin's fault, with its text kept. */
export function asError(error: unknown): WasiError {
  if (error instanceof WasiError) return error;
  return new WasiError('PLUGIN_ERROR', error instanceof Error ? error.message : String(error), { cause: error });
}

/** One error for a cycle in which every plugin, or every sensor plugin, failed: the first one's code, everyone's message. */
export function cycleError(failures: readonly PluginFailure[], every: 'plugin' | 'sensor plugin'): WasiError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first.error;
  const all = failures.map(({ plugin, error }) => `${plugin}: ${error.message}`).join(' | ');
  return new WasiError(first?.error.code ?? 'PLUGIN_ERROR', `every ${every} of the cycle failed: ${all}`, {
    cause: first?.error,
  });
}
