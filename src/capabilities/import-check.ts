/**
 * Which imports of a component are refused, decided before any of it runs: everything outside WASI's stubs, the
 * interfaces of this package, and what host.toml grants. Two consents: the component imports it and the host grants it.
 */
import type { Grants } from '../host-config/host-config';

export type Refusal =
  /** The interface exists and could be granted. */
  | { readonly kind: 'not-granted'; readonly name: string; readonly interface: string }
  /** Nothing that a host.toml could grant: sockets of another kind, HTTP, another host's interfaces. */
  | { readonly kind: 'unknown'; readonly name: string };

const PACKAGES = new Set(['edge:plugin', 'demo:plugin']);

/** For each interface, whether the grants allow importing it at all; arguments are checked at each call. */
const MAY_IMPORT: Readonly<Record<string, (grants: Grants) => boolean>> = {
  types: () => true,
  settings: () => true,
  'led-controller': () => true,
  'gpio-provider': () => true,
  'buzzer-controller': (grants) => grants.buzzer,
  'fan-controller': (grants) => grants.fan,
  'system-info': (grants) => grants.systemInfo,
  'state-store': (grants) => grants.stateStore,
  i2c: (grants) => grants.i2c.length > 0,
  spi: (grants) => grants.spi.length > 0,
  uart: (grants) => grants.uart.length > 0,
  'process-image': (grants) => grants.processImage.read.length + grants.processImage.write.length > 0,
};

/** `imports`: full names with versions. `stubs`: interfaces without version that every guest may import. */
export function refusedImports(
  imports: readonly string[],
  grants: Grants,
  stubs: ReadonlySet<string>,
): readonly Refusal[] {
  return imports.flatMap((name): Refusal[] => {
    const unversioned = name.split('@')[0] ?? name;
    if (stubs.has(unversioned)) return [];
    const [pkg = '', iface = ''] = unversioned.split('/');
    const mayImport = PACKAGES.has(pkg) && Object.hasOwn(MAY_IMPORT, iface) ? MAY_IMPORT[iface] : undefined;
    if (!mayImport) return [{ kind: 'unknown', name }];
    return mayImport(grants) ? [] : [{ kind: 'not-granted', name, interface: iface }];
  });
}
