/**
 * Nodes as a flow file holds them. All of a test's nodes lie on one tab; whatever runs, runs on simulated hardware with
 * values that stand still, so that what is measured is known.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onlyBundled } from '../runtime/bundled';

import { REPOSITORY } from '../wasm/components';

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

export const NODE_ID = 'pi4';

/** host.toml of a world that stands still, polled often where a node leaves it to host.toml. */
export const STILL_WORLD = `[cluster]
node_id = "${NODE_ID}"
[polling]
interval_seconds = 1
[logging]
show_sensor_data = true
[simulation]
dht22_temperature = 21.5
dht22_humidity = 40
cpu_temperature = 48
bme680_temperature = 23
bme680_humidity = 42
bme680_pressure = 1013.25
bme680_gas_resistance = 120
dht22_failure_rate = 0
`;

/** Where a runtime without a `configFile` finds it. */
export const HOST_TOML = 'wasi/host.toml';

export const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'test' };

export function onTab(id: string, type: string, properties: object = {}, wires: readonly string[] = []): FlowNode {
  return { x: 0, y: 0, ...properties, id, type, z: TAB.id, wires: [wires] };
}

export function runtimeNode(id: string, properties: object = {}): FlowNode {
  const defaults = { configSource: 'file', configFile: '', configText: '', pluginDir: '', hardware: 'simulated' };
  return { name: '', ...defaults, ...properties, id, type: 'wasi-runtime' };
}

/** A node that uses the runtime `runtime`, which does not open without one, and does nothing by itself. */
export const USER = onTab('user', 'led-sync', { runtime: 'runtime' });

/** A runtime whose host.toml is the still world and `toml`. */
export function inlineRuntime(id: string, toml = '', properties: object = {}): FlowNode {
  return runtimeNode(id, { configSource: 'inline', configText: `${STILL_WORLD}${toml}`, ...properties });
}

/** As `inlineRuntime`, and the bundled plugins that are not named are off: those that are on are started at each deploy. */
export function runtimeWithOnly(id: string, bundled: readonly string[], toml = ''): FlowNode {
  return inlineRuntime(id, `${onlyBundled(...bundled)}${toml}`);
}

export function pollNode(
  id: string,
  plugin: string,
  wires: readonly string[],
  properties: Readonly<Record<string, unknown>> = {},
): FlowNode {
  return onTab(id, 'plugin-poll', { runtime: 'runtime', plugin, every: '', emit: 'readings', ...properties }, wires);
}

/** A button; `msg.mine` tells whether other properties are kept. */
export function injectNode(id: string, wires: readonly string[]): FlowNode {
  const props = [{ p: 'payload' }, { p: 'mine', v: 'kept', vt: 'str' }];
  return onTab(id, 'inject', { props, repeat: '', crontab: '', once: false, payload: '', payloadType: 'date' }, wires);
}

/** Sends whole messages over /comms; `complete: 'payload'` for their payload only. */
export function debugNode(id: string, complete: 'true' | 'payload' = 'true'): FlowNode {
  const targetType = complete === 'true' ? 'full' : 'msg';
  return onTab(id, 'debug', { active: true, tosidebar: true, console: false, tostatus: false, complete, targetType });
}

export function catchNode(id: string, wires: readonly string[]): FlowNode {
  return onTab(id, 'catch', { scope: null, uncaught: false }, wires);
}

const EXAMPLES = join(REPOSITORY, 'examples', 'flows');

export function exampleNames(): string[] {
  return readdirSync(EXAMPLES).map((file) => file.replace(/\.json$/, ''));
}

/** As it is shipped, but that no hardware of this machine is touched. */
export function exampleFlow(name: string): FlowNode[] {
  const nodes: readonly FlowNode[] = JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8'));
  return nodes.map((node) => (node.type === 'wasi-runtime' ? { ...node, hardware: 'simulated' } : node));
}

/** The one node of a flow that is of this type and, if given, has this name. */
export function theNode(nodes: readonly FlowNode[], type: string, name?: string): FlowNode {
  const found = nodes.filter((node) => node.type === type && (name === undefined || node['name'] === name));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} nodes are ${type} ${name ?? ''}`);
  return only;
}
