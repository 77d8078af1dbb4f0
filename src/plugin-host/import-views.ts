/** What a component asks for, beside what it is given: for people who decide whether it may have it. */
import { refusedImports } from '../capabilities/import-check';
import { interfaceName } from '../capabilities/spoken-versions';
import { grantedLine, grantLines } from '../host-config/grant-lines';
import type { Grants } from '../host-config/host-config';
import type { ImportView } from '../runtime-api/admin-api';
import { WASI_INTERFACES } from '../wasm/wasi/wasi-imports';

export interface AccessView {
  readonly imports: readonly ImportView[];
  /** The grants table to paste for what is missing; "" where nothing is. */
  readonly lines: string;
}

export function accessView(plugin: string, imports: readonly string[], grants: Grants): AccessView {
  const refusals = new Map(refusedImports(imports, grants, WASI_INTERFACES).map((refusal) => [refusal.name, refusal]));
  const missing = [...refusals.values()].filter(({ kind }) => kind === 'not-granted').map(({ name }) => name);
  const view = (name: string): ImportView => {
    const refusal = refusals.get(name);
    if (refusal) return { name, access: refusal.kind === 'not-granted' ? 'missing' : 'unknown' };
    const granted = grantedLine(interfaceName(name)?.iface ?? '', grants);
    return granted === undefined ? { name, access: 'free' } : { name, access: 'granted', granted };
  };
  return { imports: imports.map(view), lines: grantLines(plugin, missing, grants) };
}
