/** A runtime as the editor shows it: how far it is, on which hardware, under which configuration, and its plugins. */
import { isAbsolute } from 'node:path';
import type { PluginView } from '../../src/runtime-api/admin-api';
import type { RuntimeApi } from '../../src/runtime-api/runtime-api';
import type { StorageView } from '../../src/runtime-api/storage-api';
import type { SharedRuntime } from '../shared-runtime';

export interface RuntimeView {
  /** `absent`: not deployed. `idle`: no node uses it, so that nothing of it runs. */
  readonly phase: 'idle' | 'opening' | 'open' | 'failed' | 'closed' | 'absent';
  readonly error?: { readonly code: string; readonly message: string };
  readonly hardware?: { readonly kind: RuntimeApi['hardware']['kind']; readonly model?: string };
  readonly pluginDir?: string;
  /** `defaults`: there is no file; `path` is then where it would be. */
  readonly config?: { readonly kind: 'file' | 'inline' | 'defaults'; readonly path?: string };
  readonly plugins: readonly PluginView[];
  readonly storage?: StorageView;
}

export async function runtimeView(runtime: SharedRuntime | undefined): Promise<RuntimeView> {
  if (runtime === undefined) return { phase: 'absent', plugins: [] };
  const { phase, hostToml } = runtime;
  const config = hostToml && { config: configOf(hostToml.path, phase.kind === 'open' ? phase.api : undefined) };
  switch (phase.kind) {
    case 'idle':
    case 'opening':
    case 'closed':
      return { phase: phase.kind, ...config, plugins: [] };
    case 'failed': {
      const { code, message } = phase.error;
      return { phase: 'failed', error: { code, message }, ...config, plugins: [] };
    }
    case 'open': {
      const { admin, hardware, storage } = phase.api;
      const plugins = await admin.pluginViews();
      return {
        phase: 'open',
        hardware: hardwareOf(hardware),
        pluginDir: admin.pluginDir,
        ...config,
        plugins,
        storage: storage.view(),
      };
    }
  }
}

function hardwareOf(hardware: RuntimeApi['hardware']): NonNullable<RuntimeView['hardware']> {
  const model = 'model' in hardware && typeof hardware.model === 'string' ? hardware.model : undefined;
  return { kind: hardware.kind, ...(model === undefined ? {} : { model }) };
}

function configOf(path: string | undefined, api: RuntimeApi | undefined): NonNullable<RuntimeView['config']> {
  if (path === undefined) return { kind: 'inline' };
  const isDefault = api !== undefined && !isAbsolute(api.config.source);
  return { kind: isDefault ? 'defaults' : 'file', path };
}
