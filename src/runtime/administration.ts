/** What the editor asks of a runtime: wiring between its plugins, its files and host.toml. */

import type { HostConfig } from '../host-config/host-config';
import { ComponentLooks } from '../plugin-host/component-looks';
import type { PluginFiles } from '../plugin-host/plugin-files';
import type { Plugins } from '../plugin-host/plugins';
import type { PluginView, RuntimeAdmin } from '../runtime-admin';
import type { ComponentLoader } from '../wasm/component-loader';
import { pluginViews } from './plugin-views';

export interface Administered {
  readonly files: PluginFiles;
  readonly loader: ComponentLoader;
  readonly plugins: Plugins;
  config(): HostConfig;
  /** Throws RUNTIME_CLOSED. */
  assertOpen(): void;
  takeConfigOver(): Promise<void>;
}

export class Administration implements RuntimeAdmin {
  readonly #looks: ComponentLooks;

  constructor(readonly around: Administered) {
    this.#looks = new ComponentLooks(around.loader);
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

  takeConfigOver(): Promise<void> {
    return this.around.takeConfigOver();
  }
}
