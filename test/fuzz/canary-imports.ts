/** The imports of a real guest, made in its thread, beside a watch for code that runs there and should not. */
import type { GuestImportsData } from '../../src/capabilities/guest-imports-data';
import { hostImports as realImports } from '../../src/capabilities/host-imports';
import type { HostImportsFactory } from '../../src/wasm/guest-imports';
import { CANARY_WARNING, watchRealm } from './canary';

export const hostImports: HostImportsFactory<GuestImportsData> = (data, access) => {
  watchRealm(() => access.warn(CANARY_WARNING), true);
  return realImports(data, access);
};
