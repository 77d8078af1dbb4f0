/**
 * Which versions of which packages this host speaks. Names alone do not say what an interface is: another version has
 * other functions, and jco's glue asks for an interface without its version. A pre-release is no version of its series.
 */
export interface Spoken {
  /** As people write it. */
  readonly text: string;
  readonly pattern: RegExp;
}

const EDGE: Spoken = { text: '1.x', pattern: /^1\.\d+\.\d+$/ };
const DEMO: Spoken = { text: '0.1.x and 0.2.x', pattern: /^0\.[12]\.\d+$/ };
const WASI: Spoken = { text: '0.2.x', pattern: /^0\.2\.\d+$/ };

/** undefined: no package that this host has anything of. */
function spokenOf(pkg: string): Spoken | undefined {
  if (pkg === 'edge:plugin') return EDGE;
  if (pkg === 'demo:plugin') return DEMO;
  return pkg.startsWith('wasi:') ? WASI : undefined;
}

export interface InterfaceName {
  /** `edge:plugin` */
  readonly pkg: string;
  /** `i2c` */
  readonly iface: string;
  readonly version: 'spoken' | 'missing' | Spoken;
}

/** `edge:plugin/i2c@1.0.0` in its parts; `version` is what is spoken where that is another one. undefined for other packages. */
export function interfaceName(name: string): InterfaceName | undefined {
  const at = name.indexOf('@');
  const [pkg = '', iface = ''] = (at < 0 ? name : name.slice(0, at)).split('/');
  const spoken = spokenOf(pkg);
  if (!spoken) return undefined;
  if (at < 0) return { pkg, iface, version: 'missing' };
  return { pkg, iface, version: spoken.pattern.test(name.slice(at + 1)) ? 'spoken' : spoken };
}
