/**
 * What the editor asks about plugins: the list for other nodes' dialogs, everything about a runtime, a fresh instance of a
 * plugin, and whether it runs and what it may. A runtime that is not deployed yet, or did not open, is answered with the
 * plugins of the defaults in lists.
 */
import type { NodeAPI } from 'node-red';
import type { PluginEdit } from '../../src/host-config/edit-host-toml';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import type { Reading } from '../../src/readings/reading';
import type { PluginSummary, RuntimeApi } from '../../src/runtime-api';
import { runtimeOf, type SharedRuntime } from '../shared-runtime';
import type { AdminAnswer } from './admin-answer';
import { BadRequest } from './admin-answer';
import { Body, hostTomlOf, openApi, parameter, sharedRuntime } from './admin-requests';
import type { AdminRoute } from './admin-route';
import { runtimeView } from './runtime-view';

/** As many as fit below a list. */
const MAX_FIELDS = 16;

export function pluginRoutes(RED: NodeAPI): readonly AdminRoute[] {
  return [
    {
      method: 'get',
      path: 'runtimes/:id/plugins',
      permission: 'wasi-runtime.read',
      accepts: 'anything',
      answer: (request) => {
        const phase = runtimeOf(RED.nodes.getNode(parameter(request, 'id')))?.phase;
        return { status: 200, body: phase?.kind === 'open' ? listed(phase.api) : defaultPlugins() };
      },
    },
    {
      method: 'get',
      path: 'runtimes/:id',
      permission: 'wasi-runtime.read',
      accepts: 'anything',
      answer: async (request) => {
        const node = RED.nodes.getNode(parameter(request, 'id'));
        const runtime = runtimeOf(node);
        if (node && !runtime) throw new BadRequest(404, 'RUNTIME_CLOSED', 'this node is no wasi-runtime');
        return { status: 200, body: await runtimeView(runtime) };
      },
    },
    {
      method: 'post',
      path: 'runtimes/:id/plugins/:name/reload',
      permission: 'wasi-runtime.write',
      accepts: 'json',
      answer: async (request) => {
        await openApi(sharedRuntime(RED, request)).admin.reload(parameter(request, 'name'));
        return { status: 202, body: {} };
      },
    },
    {
      method: 'post',
      path: 'runtimes/:id/plugins/:name/enabled',
      permission: 'wasi-runtime.write',
      accepts: 'json',
      answer: (request) => {
        const enabled = new Body(request).yesOrNo('enabled');
        return edit(sharedRuntime(RED, request), { plugin: parameter(request, 'name'), enabled });
      },
    },
    {
      method: 'post',
      path: 'runtimes/:id/plugins/:name/grants',
      permission: 'wasi-runtime.write',
      accepts: 'json',
      answer: (request) => {
        const grants = new Body(request).text('lines');
        return edit(sharedRuntime(RED, request), { plugin: parameter(request, 'name'), grants });
      },
    },
  ];
}

/** With the fields that the plugin read last, `temperature (°C)`, where it has read any on this node. */
function listed(api: RuntimeApi): readonly (PluginSummary & { readonly reads?: readonly string[] })[] {
  const here = api.latestReadings().filter(({ node }) => node === api.config.cluster.nodeId);
  return api.plugins().map((summary) => {
    const fields = new Set(here.filter(({ plugin }) => plugin === summary.name).flatMap(fieldsOf));
    return fields.size === 0 ? summary : { ...summary, reads: [...fields].slice(0, MAX_FIELDS) };
  });
}

function fieldsOf({ values, units }: Reading): readonly string[] {
  return Object.keys(values).map((field) => (units[field] ? `${field} (${units[field]})` : field));
}

async function edit(runtime: SharedRuntime, wanted: PluginEdit): Promise<AdminAnswer> {
  const { path } = await hostTomlOf(runtime).edit(wanted);
  // Calls that are under way may hold it up: who asked sees it in the next view.
  if (runtime.phase.kind === 'open') void runtime.phase.api.admin.takeConfigOver();
  return { status: 200, body: { written: path } };
}

function defaultPlugins(): { readonly name: string }[] {
  const { plugins } = parseHostConfig('', 'built-in defaults', { hostName: '' });
  return [...plugins.keys()].map((name) => ({ name }));
}
