/**
 * What a component is good for, by what it exports: a sensor is polled, a dashboard rendered, a display updated. The
 * original host's `demo:plugin` names are taken as well. Among the versions spoken here (capabilities/spoken-versions.ts)
 * it does not matter which one it is: the record's fields do.
 */
import { interfaceName } from '../capabilities/spoken-versions';
import { WasiError } from '../errors/wasi-error';
import { fewOf, versionRemedy } from './refusal-text';

export type Dialect = 'edge' | 'demo';

export interface PluginRole {
  readonly kind: 'sensor' | 'dashboard' | 'display';
  /** Full name of the exported interface. */
  readonly instance: string;
  readonly func: 'poll' | 'render' | 'update';
  readonly dialect: Dialect;
}

const LOGIC: Readonly<Record<string, { kind: PluginRole['kind']; func: PluginRole['func'] }>> = {
  'sensor-logic': { kind: 'sensor', func: 'poll' },
  'dht22-logic': { kind: 'sensor', func: 'poll' },
  'pi-monitor-logic': { kind: 'sensor', func: 'poll' },
  'bme680-logic': { kind: 'sensor', func: 'poll' },
  'dashboard-logic': { kind: 'dashboard', func: 'render' },
  'display-logic': { kind: 'display', func: 'update' },
  'oled-logic': { kind: 'display', func: 'update' },
};

const DIALECTS: Readonly<Record<string, Dialect>> = { 'edge:plugin': 'edge', 'demo:plugin': 'demo' };
const NO_LOGIC = { pkg: '', iface: '', version: 'missing' } as const;

/** Throws PLUGIN_INVALID when there is nothing this host could call. */
export function roleOf(exports: readonly string[]): PluginRole {
  for (const instance of exports) {
    const { pkg, iface, version } = interfaceName(instance) ?? NO_LOGIC;
    const dialect = DIALECTS[pkg];
    const logic = Object.hasOwn(LOGIC, iface) ? LOGIC[iface] : undefined;
    if (!dialect || !logic || version === 'missing') continue;
    if (version === 'spoken') return { ...logic, instance, dialect };
    throw new WasiError('PLUGIN_INVALID', `it exports ${instance}, and ${versionRemedy(`${pkg} ${version.text}`)}`);
  }
  throw new WasiError(
    'PLUGIN_INVALID',
    `it exports nothing that can be polled (${fewOf(exports) || 'no export at all'}): build it for a world of edge:plugin, e.g. sensor-plugin`,
  );
}

/** The interface by which a guest carries its state over a reload, if it exports it. */
export function handOverOf(exports: readonly string[]): string | undefined {
  return exports.find((name) => {
    const found = interfaceName(name);
    return found?.pkg === 'edge:plugin' && found.iface === 'hand-over' && found.version === 'spoken';
  });
}
