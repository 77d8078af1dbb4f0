/**
 * Which components may run as a plugin at all, by what they import and export: asked before any of a
 * component is translated, in the process that does so, and of what was prepared. Throws CAPABILITY_DENIED naming the imports that were not granted, and PLUGIN_INVALID for
 * a component that exports nothing this host calls.
 */
import { refusedImports } from '../capabilities/import-check';
import type { Admission, Admit } from '../component-store/component-source';
import type { PluginConfig } from '../host-config/host-config';
import { WASI_INTERFACES } from '../wasm/wasi/wasi-imports';
import { roleOf } from './plugin-role';
import { refusal } from './refusal-text';

type AdmissionData = Pick<PluginConfig, 'name' | 'grants' | 'table'>;

export const admit: Admit<AdmissionData> = ({ imports, exports }, plugin) => {
  const refusals = refusedImports(imports, plugin.grants, WASI_INTERFACES);
  if (refusals.length > 0) throw refusal(plugin, refusals);
  roleOf(exports);
};

export function admissionOf({ name, grants, table }: AdmissionData): Admission {
  const data: AdmissionData = { name, grants, ...(table ? { table } : {}) };
  return { module: __filename, data };
}
