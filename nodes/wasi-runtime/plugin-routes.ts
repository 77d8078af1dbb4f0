/**
 * What the editor asks about plugins: the list for other nodes' dialogs, everything about a runtime, a fresh instance of a
 * plugin, whether it runs and what it may, and its removal. Of a runtime that is not open, lists have the plugins of the
 * defaults and the files of its plugin folder, by name alone.
 */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import type { PluginEdit } from '../../src/host-config/edit-host-toml';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { pluginOfFile } from '../../src/host-config/plugin-tables';
import type { Reading } from '../../src/readings/reading';
import type { PluginView } from '../../src/runtime-api/admin-api';
import { pluginFolder } from '../../src/runtime-api/plugin-folder';
import type { PluginCondition } from '../../src/runtime-api/plugin-summary';
import type { PluginSummary, RuntimeApi } from '../../src/runtime-api/runtime-api';
import { runtimeOf, type SharedRuntime } from '../shared-runtime';
import type { AdminAnswer } from './admin-answer';
import { BadRequest } from './admin-answer';
import { Body, hostTomlOf, openApi, parameter, sharedRuntime } from './admin-requests';
import type { AdminRoute } from './admin-route';
import { runtimeView } from './runtime-view';

/** As many as fit below a list. */
const MAX_FIELDS = 16;
/** More than a runtime may have plugins. */
const MAX_NAMES = 128;

export function pluginRoutes(RED: NodeAPI): readonly AdminRoute[] {
  return [
    {
      method: 'get',
      path: 'runtimes/:id/plugins',
      permission: 'wasi-runtime.read',
      accepts: 'anything',
      answer: async (request) => {
        const runtime = runtimeOf(RED.nodes.getNode(parameter(request, 'id')));
        if (runtime?.phase.kind === 'open') return { status: 200, body: await listed(runtime.phase.api) };
        const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
        return { status: 200, body: await namesIn(runtime?.pluginDir ?? pluginFolder({ pluginDir: '', userDir })) };
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
    {
      method: 'delete',
      path: 'runtimes/:id/plugins/:name',
      permission: 'wasi-runtime.write',
      accepts: 'anything',
      answer: async (request) => {
        const runtime = sharedRuntime(RED, request);
        const { admin } = openApi(runtime);
        return { status: 200, body: await admin.remove(parameter(request, 'name'), hostTomlOf(runtime)) };
      },
    },
  ];
}

interface Listed extends PluginSummary {
  readonly condition?: PluginCondition;
  /** The fields that the plugin read last, `temperature (°C)`, where it has read any on this node. */
  readonly reads?: readonly string[];
}

/** Files of the plugin folder that nobody asked for yet come last. */
async function listed(api: RuntimeApi): Promise<readonly Listed[]> {
  const views = await api.admin.pluginViews();
  const here = api.latestReadings().filter(({ node }) => node === api.config.cluster.nodeId);
  const known = api.plugins().map((summary) => {
    const condition = views.find(({ name }) => name === summary.name)?.condition;
    const fields = new Set(here.filter(({ plugin }) => plugin === summary.name).flatMap(fieldsOf));
    return {
      ...summary,
      ...(condition === undefined ? {} : { condition }),
      ...(fields.size === 0 ? {} : { reads: [...fields].slice(0, MAX_FIELDS) }),
    };
  });
  const unasked = views.filter(({ name }) => api.plugin(name) === undefined).map(inShort);
  return [...known, ...unasked];
}

function inShort({ name, state, role, origin, condition, polls, failures, refusedCalls, leds, lastError }: PluginView) {
  return {
    ...{ name, state, role, origin, condition, polls, failures, refusedCalls, leds },
    ...(lastError === undefined ? {} : { lastError }),
  };
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

async function namesIn(pluginDir: string): Promise<readonly { readonly name: string }[]> {
  const { plugins } = parseHostConfig('', 'built-in defaults', { hostName: '' });
  // A folder that is not there yet, or cannot be read, is looked at again by the next question, and named when it is opened.
  const files = await readdir(pluginDir).catch(() => []);
  const names = new Set([...plugins.keys(), ...files.sort().flatMap((file) => pluginOfFile(file) ?? [])]);
  return [...names].slice(0, MAX_NAMES).map((name) => ({ name }));
}
