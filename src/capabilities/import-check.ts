/**
 * Which imports of a component are refused, decided before any of it runs: everything outside WASI's stubs, the
 * interfaces of this package, and what host.toml grants. Two consents: the component imports it and the host grants it.
 * Each in the versions that are spoken here (spoken-versions.ts) and in no other.
 */
import type { Grants } from '../host-config/host-config';
import { interfaceName } from './spoken-versions';

export type Refusal =
  /** The interface exists and could be granted. */
  | { readonly kind: 'not-granted'; readonly name: string; readonly interface: string }
  /** A package of this host's in another version; `spoken`: those it could be built for, as people write them. */
  | { readonly kind: 'other-version'; readonly name: string; readonly spoken: string }
  /** Nothing that a host.toml could grant: sockets of another kind, HTTP, another host's interfaces. */
  | { readonly kind: 'unknown'; readonly name: string };

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

const UNKNOWN = { pkg: '', iface: '', version: 'missing' } as const;

/** `imports`: full names with versions. `stubs`: interfaces without version that every guest may import. */
export function refusedImports(
  imports: readonly string[],
  grants: Grants,
  stubs: ReadonlySet<string>,
): readonly Refusal[] {
  const stubbed = new Set([...stubs].map((name) => name.split('/')[0]));
  return imports.flatMap((name): Refusal[] => {
    const { pkg, iface, version } = interfaceName(name) ?? UNKNOWN;
    const isWasi = pkg.startsWith('wasi:');
    if (version === 'missing' || (isWasi && !stubbed.has(pkg))) return [{ kind: 'unknown', name }];
    if (version !== 'spoken') return [{ kind: 'other-version', name, spoken: `${pkg} ${version.text}` }];
    if (isWasi) return stubs.has(`${pkg}/${iface}`) ? [] : [{ kind: 'unknown', name }];
    const mayImport = Object.hasOwn(MAY_IMPORT, iface) ? MAY_IMPORT[iface] : undefined;
    if (!mayImport) return [{ kind: 'unknown', name }];
    return mayImport(grants) ? [] : [{ kind: 'not-granted', name, interface: iface }];
  });
}
