/** The plugin folder: each `.wasm` can be read and is a component, and each enabled plugin has one. */
import { posix } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { bundledPlugins } from '../../host-config/bundled-plugins';
import { normalisePluginName } from '../../host-config/host-config';
import { inspectComponent } from '../../wasm/inspect';
import { accessTo, ownership } from '../access-rights';
import type { DoctorContext } from '../context';
import { type Check, type Finding, missing, ok, skipped, warning } from '../finding';
import { againAsRoot } from './again-as-root';

const SUFFIX = '.wasm';

export const pluginFiles: Check = {
  id: 'plugin-files',
  group: 'plugins',
  title: 'Plugin folder',
  async run(context) {
    const { files, pluginDir } = context;
    if (await files.isShut(pluginDir))
      return warning(`${pluginDir} may not be listed by who runs this`, 'run this again as root', againAsRoot(context));
    const names = (await files.entries(pluginDir)).filter((name) => name.endsWith(SUFFIX));
    for (const name of names) {
      const trouble = await troubleOf(context, posix.join(pluginDir, name));
      if (trouble) return trouble;
    }
    if (names.length > 0) return ok(`${pluginDir}: ${names.join(', ')}`);
    return ok(`${pluginDir} has none: the bundled plugins are used`);
  },
};

async function troubleOf({ files, account, accounts }: DoctorContext, path: string): Promise<Finding | undefined> {
  const access = await accessTo(files, account, path, 'read');
  if (access.kind === 'denied')
    return missing(
      `user ${account.name} may not read ${path} (${access.at} is ${ownership(access.status, accounts)})`,
      'let him',
      `sudo chown ${account.name} ${access.at}`,
    );
  const bytes = await files.component(path);
  if (bytes === undefined) return undefined;
  try {
    inspectComponent(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    return missing(`${path}: ${error.message}`, 'copy it again, or build it anew');
  }
}

export const enabledPlugins: Check = {
  id: 'enabled-plugins',
  group: 'plugins',
  title: 'Enabled plugins',
  async run({ files, configuration, pluginDir }) {
    if (configuration.kind !== 'read') return skipped('mend host.toml first');
    if (await files.isShut(pluginDir)) return skipped(`${pluginDir} may not be listed by who runs this`);
    const { config } = configuration;
    const found = (await files.entries(pluginDir)).filter((name) => name.endsWith(SUFFIX));
    const there = new Set([
      ...bundledPlugins(config).keys(),
      ...found.map((name) => normalisePluginName(name.slice(0, -SUFFIX.length))),
    ]);
    const enabled = [...config.plugins.values()].filter((plugin) => plugin.enabled).map(({ name }) => name);
    const lacking = enabled.filter((name) => !there.has(name));
    if (lacking.length === 0) return ok(enabled.length > 0 ? enabled.join(', ') : 'none');
    return missing(
      `host.toml enables ${lacking.join(', ')}, without a file in ${pluginDir}`,
      `copy the file there, or set enabled = false`,
      ...lacking.map((name) => `cp ${name}${SUFFIX} ${pluginDir}/`),
    );
  },
};
