/** Whether a component may be used at all, before anything translates or compiles it. */
import { WasiError } from '../errors/wasi-error';
import type { ComponentShape } from '../wasm/inspect';
import type { Admit, Conditions } from './component-source';

/** Throws PLUGIN_INVALID for another component than the pinned one. */
export function checkPinned(digest: string, { onlySha256 }: Conditions): void {
  if (onlySha256 === undefined || onlySha256 === digest) return;
  throw new WasiError(
    'PLUGIN_INVALID',
    `it is not the component that host.toml allows: its sha256 is ${digest}, and its table there has sha256 = "${onlySha256}". Copy the right file, or change that line`,
  );
}

/** Throws what the asking side's check throws. */
export function admit(shape: ComponentShape, { admission }: Conditions): void {
  if (!admission) return;
  const loaded: { admit: Admit } = require(admission.module);
  loaded.admit(shape, admission.data);
}
