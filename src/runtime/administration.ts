/** What the editor asks of a runtime: wiring between its plugins, its files, its uploads and host.toml. */

import type { ComponentLoader } from '../component-store/component-loader';
import type { HostConfig } from '../host-config/host-config';
import { pluginConfig } from '../host-config/plugin-tables';
import { ComponentLooks } from '../plugin-host/component-looks';
import { accessView } from '../plugin-host/import-views';
import type { PluginFiles } from '../plugin-host/plugin-files';
import type { Plugins } from '../plugin-host/plugins';
import type { StateFiles } from '../plugin-host/state-files';
import type { EditedHostToml, PluginView, Removed, RuntimeAdmin, UploadView } from '../runtime-api/admin-api';
import { type InstallSurroundings, installPlugin } from './install-plugin';
import { pluginViews } from './plugin-views';
import { removePlugin } from './remove-plugin';
import { type Inspected, Uploads } from './uploads';

export interface Administered {
  readonly files: PluginFiles;
  readonly loader: ComponentLoader;
  readonly plugins: Plugins;
  readonly stateFiles: StateFiles;
  readonly uploadDir: string;
  config(): HostConfig;
  /** Throws RUNTIME_CLOSED. */
  assertOpen(): void;
  takeConfigOver(): Promise<void>;
  inform(text: string): void;
  warn(text: string): void;
}

export class Administration implements RuntimeAdmin {
  readonly #looks: ComponentLooks;
  readonly uploads: Uploads;

  constructor(readonly around: Administered) {
    const { loader, plugins, uploadDir, warn } = around;
    this.#looks = new ComponentLooks(loader);
    const installed: InstallSurroundings['installed'] = (plugin, grants) => {
      const found = plugins.find(plugin);
      void (grants === 'changed' ? found?.startOver() : found?.refresh());
    };
    const surroundings = { ...around, installed };
    this.uploads = new Uploads({
      dir: uploadDir,
      pluginDir: around.files.dir,
      loader,
      warn,
      preview: (inspected) => this.#preview(inspected),
      install: (inspected, wish, hostToml) => installPlugin(inspected, wish, hostToml, surroundings),
    });
  }

  get pluginDir(): string {
    return this.around.files.dir;
  }

  async pluginViews(): Promise<readonly PluginView[]> {
    const { files, plugins, config } = this.around;
    return pluginViews({ config: config(), files, looks: this.#looks, all: () => plugins.all() });
  }

  async reload(name: string): Promise<void> {
    this.around.assertOpen();
    (await this.around.plugins.get(name)).renew();
  }

  async remove(name: string, hostToml: EditedHostToml): Promise<Removed> {
    this.around.assertOpen();
    const { files, plugins, stateFiles, config, takeConfigOver, inform } = this.around;
    return removePlugin(name, hostToml, {
      files,
      config,
      takeConfigOver,
      fileGone: (plugin) => plugins.fileGone(plugin),
      forgetState: (plugin) => stateFiles.forget(plugin),
      log: inform,
    });
  }

  takeConfigOver(): Promise<void> {
    return this.around.takeConfigOver();
  }

  close(): Promise<void> {
    return this.uploads.close();
  }

  async #preview({ plugin, file, sha256, shape, role }: Inspected): Promise<UploadView> {
    const { files, config } = this.around;
    const { exists } = await files.pathOf(plugin);
    const { imports, lines } = accessView(plugin, shape.imports, pluginConfig(config(), plugin).grants);
    return {
      state: 'inspected',
      plugin,
      sizeBytes: file.sizeBytes,
      sha256,
      role,
      exports: shape.exports,
      imports,
      lines,
      replaces: exists ? 'file' : files.bundled.has(plugin) ? 'bundled' : 'nothing',
    };
  }
}
