/**
 * What a component is good for, by what it exports: a sensor is polled, a dashboard rendered, a display updated. The
 * original host's `demo:plugin` names are taken as well; the version does not matter, the record's fields do.
 */
import { WasiError } from '../errors';

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

const EXPORT = /^(edge|demo):plugin\/([a-z0-9-]+)@/;

/** Throws PLUGIN_INVALID when there is nothing this host could call. */
export function roleOf(exports: readonly string[]): PluginRole {
  for (const instance of exports) {
    const [, dialect, name] = EXPORT.exec(instance) ?? [];
    const logic = name !== undefined && Object.hasOwn(LOGIC, name) ? LOGIC[name] : undefined;
    if (logic) return { ...logic, instance, dialect: dialect === 'demo' ? 'demo' : 'edge' };
  }
  throw new WasiError(
    'PLUGIN_INVALID',
    `it exports nothing that can be polled (${exports.join(', ') || 'no export at all'}): build it for a world of edge:plugin, e.g. sensor-plugin`,
  );
}

/** The interface by which a guest carries its state over a reload, if it exports it. */
export function handOverOf(exports: readonly string[]): string | undefined {
  return exports.find((name) => name.startsWith('edge:plugin/hand-over@'));
}
