/**
 * What the editor asks: the plugins a runtime knows, for the lists in its dialogs. Answers at once from what is in
 * memory. A runtime that is not deployed yet, or did not open, is answered with the plugins of the defaults.
 */
import type { NodeAPI } from 'node-red';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { runtimeOf } from '../shared-runtime';

export function serveAdmin(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('wasi-runtime.read');
  RED.httpAdmin.get('/edge-wasi/runtimes/:id/plugins', mayRead, (request, response) => {
    const id = request.params['id'];
    const phase = runtimeOf(typeof id === 'string' ? RED.nodes.getNode(id) : undefined)?.phase;
    response.json(phase?.kind === 'open' ? phase.api.plugins() : defaultPlugins());
  });
}

function defaultPlugins(): { readonly name: string }[] {
  const { plugins } = parseHostConfig('', 'built-in defaults', { hostName: '' });
  return [...plugins.keys()].map((name) => ({ name }));
}
