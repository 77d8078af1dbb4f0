/**
 * How a plugin's errors are worded: each names the plugin, once. What is thrown by those that know no plugin (the loader, the
 * plugin folder) is given its name by `namedError`, where it comes from them and nowhere else: a text does not tell whether
 * it names its plugin.
 */

import { pluginTable } from '../errors/toml-plugin-header';
import { type ErrorFacts, WasiError } from '../errors/wasi-error';
import { DamagedBlob } from '../wasm/damaged-blob';
import { TemporaryFailure } from '../wasm/temporary-failure';
import type { PluginState } from './plugin-state';

/** Of an error that names no plugin. */
export function namedError(error: unknown, plugin: string): WasiError {
  if (!(error instanceof WasiError))
    return new WasiError('PLUGIN_ERROR', `${plugin}: ${String(error)}`, { cause: error });
  const text = `${plugin}: ${error.sentence}`;
  // By these kinds it is decided whether the same file is tried again.
  if (error instanceof TemporaryFailure) return new TemporaryFailure(error.code, text, { cause: error });
  if (error instanceof DamagedBlob) return new DamagedBlob(text, { cause: error });
  return new WasiError(error.code, text, { cause: error, hostToml: error.hostToml });
}

/** Of an error that names its plugin, unless it is none of ours. */
export function asWasiError(error: unknown, plugin: string): WasiError {
  return error instanceof WasiError ? error : namedError(error, plugin);
}

/** Why a plugin read nothing: a device failed. `cause` is the error that the plugin returned for it, if it returned one. */
export function deviceFailure(plugin: string, { code, message }: ErrorFacts, cause?: WasiError): WasiError {
  // Plugins mostly pass the device's words on, with some of their own before them; their error names them already.
  if (cause?.message.includes(message)) return new WasiError(code, cause.message, { cause });
  const report = cause === undefined ? '' : ` (the plugin reports: ${cause.message})`;
  return new WasiError(code, `${plugin}: ${message}${report}`, { cause });
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
        `${plugin} failed ${state.failures} times and rests for ${Math.ceil((state.retry.at - now) / 1_000)} s more. Last: ${state.cause.sentence}`,
        { cause: state.cause, hostToml: state.cause.hostToml },
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
