/**
 * From an uploaded component to a plugin. Never does it run under more than the administrator wished:
 *
 * 1. it is laid into the plugin folder under a name that is no plugin's, so that neither space nor rights can fail later;
 * 2. host.toml is written, and in force, with what was wished;
 * 3. it is renamed over the plugin's file, whatever spelling of its name that has.
 *
 * Where host.toml cannot be written it is installed only if what host.toml says already is no more than was wished. What
 * ran under the name before goes on until its successor is ready. Where 2 changed its grants it has what was wished for its
 * successor for the moment between 2 and 3, and is ended then.
 */

import { isDeepStrictEqual } from 'node:util';
import { failureReason } from '../errors/failure-reason';
import { WasiError } from '../errors/wasi-error';
import { linesOf, type PluginEdit } from '../host-config/edit-host-toml';
import { NO_GRANTS } from '../host-config/grants-table';
import type { Grants, HostConfig } from '../host-config/host-config';
import { NotWritten } from '../host-config/not-written';
import { parseHostConfig } from '../host-config/parse-host-config';
import { pluginConfig } from '../host-config/plugin-tables';
import { Beside, renameDurably } from '../platform/durable-file';
import { doneWithin } from '../platform/with-timeout';
import type { PluginFiles } from '../plugin-host/plugin-files';
import { stage } from '../plugin-host/staged-file';
import type { EditedHostToml, Installed, InstallWish } from '../runtime-api/admin-api';
import type { Inspected } from './uploads';

export interface InstallSurroundings {
  readonly files: PluginFiles;
  config(): HostConfig;
  takeConfigOver(): Promise<void>;
  /** Of a plugin whose file is there now. `changed`: what ran before has what was wished for its successor. */
  installed(plugin: string, grants: 'changed' | 'as-before'): void;
}

/** With the rest of the request below the 3 s after which a RevPi's proxy gives up. */
const IN_FORCE_LIMIT_MS = 2_000;

export async function installPlugin(
  { plugin, file, sha256 }: Inspected,
  { enabled, lines }: InstallWish,
  hostToml: EditedHostToml,
  around: InstallSurroundings,
): Promise<Installed> {
  checkPinned(plugin, sha256, around.config());
  const edit: PluginEdit = { plugin, enabled, ...(lines === undefined ? {} : { grants: lines }) };
  const granted = lines === undefined ? undefined : grantsIn(edit);
  const { path: target } = await around.files.pathOf(plugin);
  const staged = new Beside(target);
  try {
    await stage(file.path, staged.path, target);
    const grants = () => pluginConfig(around.config(), plugin).grants;
    const before = grants();
    const written = await writtenOrHarmless(edit, granted, hostToml, around);
    await renameDurably(staged.path, target);
    around.installed(plugin, isDeepStrictEqual(before, grants()) ? 'as-before' : 'changed');
    return { installed: target, ...written };
  } catch (error) {
    throw error instanceof WasiError ? error : notPlaced(target, error);
  } finally {
    await staged.discard();
  }
}

async function writtenOrHarmless(
  edit: PluginEdit,
  granted: Grants | undefined,
  hostToml: EditedHostToml,
  around: InstallSurroundings,
): Promise<{ readonly written: string } | { readonly lines: string }> {
  let path: string;
  try {
    ({ path } = await hostToml.edit(edit));
  } catch (error) {
    if (!(error instanceof NotWritten)) throw error;
    if (isNoMore(edit, granted, around.config())) return { lines: error.lines };
    throw new NotWritten(
      `${error.message}. Nothing was installed, as it would run under what host.toml says now`,
      error.lines,
      {
        cause: error,
      },
    );
  }
  await doneWithin(IN_FORCE_LIMIT_MS, around.takeConfigOver());
  const now = pluginConfig(around.config(), edit.plugin);
  if (now.enabled === edit.enabled && (granted === undefined || isDeepStrictEqual(now.grants, granted)))
    return { written: path };
  throw new WasiError(
    'POLL_BUSY',
    `${path} is written and not in force yet, as plugins are still being called: install it again in a moment`,
  );
}

/** Whether what holds now gives the plugin nothing beyond the wish. */
function isNoMore({ plugin, enabled }: PluginEdit, granted: Grants | undefined, config: HostConfig): boolean {
  const now = pluginConfig(config, plugin);
  if (now.enabled && enabled === false) return false;
  return granted === undefined || isDeepStrictEqual(now.grants, granted) || isDeepStrictEqual(now.grants, NO_GRANTS);
}

function grantsIn(edit: PluginEdit): Grants {
  return pluginConfig(parseHostConfig(linesOf(edit), 'grants', { hostName: 'host' }), edit.plugin).grants;
}

function checkPinned(plugin: string, sha256: string, config: HostConfig): void {
  const pinned = pluginConfig(config, plugin).sha256;
  if (pinned === undefined || pinned === sha256) return;
  throw new WasiError(
    'CONFIG_INVALID',
    `host.toml allows another component alone as ${plugin} (sha256 = "${pinned}"): change that line to "${sha256}" first`,
  );
}

function notPlaced(target: string, cause: unknown): NotWritten {
  return new NotWritten(
    `${target} could not be written ${failureReason(cause, 'write')}. Copy the file there by hand`,
    '',
    {
      cause,
    },
  );
}
