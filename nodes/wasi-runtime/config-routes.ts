/**
 * host.toml in the editor: the file of a runtime as text, also of one that did not open because of it, and what is wrong
 * with any text; and, for text in a node, the edits that the other routes make in a file.
 */
import type { NodeAPI } from 'node-red';
import { editHostToml, type PluginEdit } from '../../src/host-config/edit-host-toml';
import { checkHostConfig } from '../../src/host-config/parse-host-config';
import { BadRequest } from './admin-answer';
import { Body, hostTomlOf, sharedRuntime } from './admin-requests';
import type { AdminRoute } from './admin-route';

export function configRoutes(RED: NodeAPI): readonly AdminRoute[] {
  return [
    {
      method: 'post',
      path: 'config/check',
      permission: 'wasi-runtime.read',
      accepts: 'json',
      answer: (request) => ({
        status: 200,
        body: checkHostConfig(new Body(request).text('text').replace(/^\ufeff/, '')),
      }),
    },
    {
      method: 'post',
      path: 'config/edit',
      permission: 'wasi-runtime.read',
      accepts: 'json',
      answer: (request) => {
        const body = new Body(request);
        return { status: 200, body: { text: editHostToml(body.text('text'), editOf(body)) } };
      },
    },
    {
      method: 'get',
      path: 'runtimes/:id/config',
      permission: 'wasi-runtime.write',
      accepts: 'anything',
      answer: async (request) => ({ status: 200, body: await hostTomlOf(sharedRuntime(RED, request)).read() }),
    },
    {
      method: 'put',
      path: 'runtimes/:id/config',
      permission: 'wasi-runtime.write',
      accepts: 'json',
      answer: async (request) => {
        const body = new Body(request);
        const runtime = sharedRuntime(RED, request);
        const { revision } = await hostTomlOf(runtime).write(body.text('text'), body.text('revision'));
        if (runtime.phase.kind === 'open') void runtime.phase.api.admin.takeConfigOver();
        else runtime.retry();
        return { status: 200, body: { revision } };
      },
    },
  ];
}

function editOf(body: Body): PluginEdit {
  const plugin = body.text('plugin');
  if (body.has('removed') && body.yesOrNo('removed')) return { plugin, removed: true };
  if (!body.has('enabled') && !body.has('lines'))
    throw new BadRequest(400, 'CONFIG_INVALID', 'expected enabled, lines or removed, found none of them');
  return {
    plugin,
    ...(body.has('enabled') ? { enabled: body.yesOrNo('enabled') } : {}),
    ...(body.has('lines') ? { grants: body.text('lines') } : {}),
  };
}
