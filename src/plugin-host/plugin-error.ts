/** How a plugin's errors are worded: each names the plugin. */
import { type ErrorFacts, WasiError } from '../errors';
import { pluginTable } from '../plugin-table';
import { DiskFailure } from '../wasm/disk-failure';
import type { PluginState } from './plugin-state';

/** What loading throws names no plugin: the loader knows none. */
export function asWasiError(error: unknown, plugin: string): WasiError {
  if (!(error instanceof WasiError))
    return new WasiError('PLUGIN_ERROR', `${plugin}: ${String(error)}`, { cause: error });
  if (error.message.includes(plugin)) return error;
  const text = `${plugin}: ${error.message}`;
  return error instanceof DiskFailure
    ? new DiskFailure(text, { cause: error })
    : new WasiError(error.code, text, { cause: error });
}

/** Why a plugin read nothing: a device failed. `cause` is the error that the plugin returned for it, if it returned one. */
export function deviceFailure(plugin: string, { code, message }: ErrorFacts, cause?: WasiError): WasiError {
  const text = withReport(message, cause?.message);
  const prefix = `${plugin}: `;
  return new WasiError(code, text.startsWith(prefix) ? text : `${prefix}${text}`, { cause });
}

/** Plugins mostly pass the device's words on, with some of their own before them. */
function withReport(message: string, report: string | undefined): string {
  if (report === undefined) return message;
  return report.includes(message) ? report : `${message} (the plugin reports: ${report})`;
}

export function disabledText(plugin: string): string {
  return `${plugin} is disabled: write enabled = true below ${pluginTable(plugin)} in host.toml`;
}

/** Why a plugin that is not ready cannot be called. */
export function notCallable(plugin: string, state: PluginState<unknown>, now: number): WasiError {
  switch (state.kind) {
    case 'backing-off':
      if (state.retry.when === 'file-changes') return state.cause;
      return new WasiError(
        'PLUGIN_BACKOFF',
        `${plugin} failed ${state.failures} times and rests for ${Math.ceil((state.retry.at - now) / 1_000)} s more. Last: ${state.cause.message}`,
        { cause: state.cause },
      );
    case 'closed':
      return new WasiError('RUNTIME_CLOSED', `${plugin} was closed; deploy the flow again`);
    case 'disabled':
    case 'loading':
    case 'ready':
    case 'polling':
    case 'reloading':
      return new WasiError('PLUGIN_BACKOFF', `${plugin} is ${state.kind} and cannot be called now; poll it again`);
  }
}
