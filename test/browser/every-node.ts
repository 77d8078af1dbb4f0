/** A node of each type that is placed on a flow, as it is when it has just been dragged there, but for what it needs. */
import { definitions, TYPES } from '../nodes/editor-pages';
import { type FlowNode, onTab } from '../system/flow-nodes';

export const IN_FLOWS = TYPES.filter((type) => type !== 'wasi-runtime');
const defined = definitions();

/** A node with the defaults of its own definition. */
export function nodeOf(type: string): FlowNode {
  const defaults = Object.entries(defined.get(type)?.defaults ?? {}).map(([name, { value }]) => [name, value]);
  const properties = {
    ...Object.fromEntries(defaults),
    runtime: 'runtime',
    x: 200,
    y: 80 * (1 + IN_FLOWS.indexOf(type)),
  };
  const given = type === 'plugin-poll' ? { plugin: 'dht22' } : type === 'modbus-gateway' ? { port: 0 } : {};
  return onTab(`a-${type}`, type, { ...properties, ...given });
}
