/**
 * A plugin of the plugin folder is taken away: first its file, so that it cannot come back, then its instance, then, where
 * nothing of that name comes with the package, its tables in host.toml and what it kept, so that no later file of the same
 * name inherits grants or state. Where host.toml cannot be written, the answer says what is left to do.
 */

import { rm } from 'node:fs/promises';
import { failureReason } from '../errors/failure-reason';
import { WasiError } from '../errors/wasi-error';
import { type HostConfig, normalisePluginName } from '../host-config/host-config';
import { isMissing } from '../platform/errno';
import { doneWithin } from '../platform/with-timeout';
import type { PluginFiles } from '../plugin-host/plugin-files';
import type { EditedHostToml, Removed } from '../runtime-api/admin-api';

export interface RemovalSurroundings {
  readonly files: PluginFiles;
  config(): HostConfig;
  takeConfigOver(): Promise<void>;
  /** The plugin's file is gone: ends its instance, or has the one take over that comes with the package. */
  fileGone(plugin: string): Promise<void>;
  forgetState(plugin: string): Promise<void>;
  log(text: string): void;
}

/** With the rest of the request below the 3 s after which a RevPi's proxy gives up. */
const IN_FORCE_LIMIT_MS = 1_000;

export async function removePlugin(
  name: string,
  hostToml: EditedHostToml,
  around: RemovalSurroundings,
): Promise<Removed> {
  const plugin = normalisePluginName(name);
  const { files, log } = around;
  const isListed = () => around.config().plugins.has(plugin);
  const { path, exists } = await files.pathOf(plugin);
  const isBundled = files.bundled.has(plugin);
  if (!exists && isBundled)
    throw new WasiError('CONFIG_INVALID', `${plugin} comes with the package and cannot be removed: disable it instead`);
  if (!exists && !isListed()) throw new WasiError('PLUGIN_NOT_FOUND', `there is no ${path} to remove`);
  if (exists) await removeFile(path);
  await around.fileGone(plugin);
  const removed = exists ? { removed: path } : {};
  if (exists) log(`${path} was removed in the editor`);
  if (isBundled) return removed;
  await around.forgetState(plugin);
  if (!isListed()) return removed;
  try {
    const written = await hostToml.edit({ plugin, removed: true });
    await doneWithin(IN_FORCE_LIMIT_MS, around.takeConfigOver());
    return { ...removed, written: written.path };
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    return { ...removed, left: error.message };
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await rm(path);
  } catch (error) {
    if (isMissing(error)) return;
    throw new WasiError(
      'CONFIG_INVALID',
      `${path} could not be removed ${failureReason(error, 'write')}. Remove it by hand`,
      {
        cause: error,
      },
    );
  }
}
