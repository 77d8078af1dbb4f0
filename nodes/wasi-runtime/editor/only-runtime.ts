/**
 * A node that comes into a flow without a runtime takes the only one there is for it; where there are several, or none, that
 * is for its form. Called as `onadd`: before the editor knows a node that is dragged in, after it knows one that is pasted.
 */

/** What this is called with. */
export interface AddedNode {
  readonly id: string;
  readonly z?: string;
  runtime?: string;
}

export function takeOnlyRuntime(node: AddedNode): void {
  if (node.runtime) return;
  const usable: string[] = [];
  RED.nodes.eachConfig(({ id, type, z, d }) => {
    if (type === 'wasi-runtime' && d !== true && (!z || z === node.z)) usable.push(id);
  });
  const [only] = usable;
  if (only === undefined || usable.length > 1) return;
  node.runtime = only;
  const known = RED.nodes.node(node.id);
  if (known !== null) RED.nodes.updateConfigNodeUsers?.(known, { action: 'add' });
}
