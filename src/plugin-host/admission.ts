/**
 * Which components may run as a plugin at all, by what they import and export: asked in the loader's thread, before any
 * of a component is translated. Throws CAPABILITY_DENIED naming the imports that were not granted, and PLUGIN_INVALID for
 * a component that exports nothing this host calls.
 */
import { refusedImports } from '../capabilities/import-check';
import { WasiError } from '../errors';
import type { Grants } from '../host-config/host-config';
import type { Admission, Admit } from '../wasm/loader-channel';
import { WASI_INTERFACES } from '../wasm/wasi/wasi-imports';
import { roleOf } from './plugin-role';
import { refusalText } from './refusal-text';

interface AdmissionData {
  readonly plugin: string;
  readonly grants: Grants;
}

export const admit: Admit<AdmissionData> = ({ imports, exports }, { plugin, grants }) => {
  const refusals = refusedImports(imports, grants, WASI_INTERFACES);
  if (refusals.length > 0) throw new WasiError('CAPABILITY_DENIED', refusalText(plugin, grants, refusals));
  roleOf(exports);
};

export function admissionOf(data: AdmissionData): Admission {
  return { module: __filename, data };
}
