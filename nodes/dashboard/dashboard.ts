/**
 * The dashboard node: any message leaves with the page in its payload, and the page and the API are served below its
 * path. A message that came from an `http in` node is given the headers that keep a plugin's page away from the
 * editor's origin, for the `http response` node behind.
 */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';
import type { Message } from '../../src/readings/messages';
import { textProperty, wrong } from '../node-properties';
import { asError } from '../node-red-errors';
import { RuntimeUser } from '../runtime-user';
import { serveSite } from './live-site';
import { PageServer } from './page-server';

interface DashboardDef extends NodeDef {
  readonly runtime?: unknown;
  readonly plugin?: unknown;
  readonly path?: unknown;
}

const DEFAULT_PLUGIN = 'dashboard';
const DEFAULT_PATH = '/wasi';

export = (RED: NodeAPI): void => {
  const server = RED.settings.httpNodeRoot === false ? undefined : new PageServer(RED);
  RED.nodes.registerType('dashboard', function (this: Node, def: DashboardDef) {
    RED.nodes.createNode(this, def);
    const plugin = typeof def.plugin === 'string' && def.plugin !== '' ? def.plugin : DEFAULT_PLUGIN;
    const user = new RuntimeUser(RED, this, def.runtime, plugin, 'rendering');
    user.onInput(async (api, message) => {
      const html = await api.render(plugin);
      if (html === null) return { messages: [], shown: { kind: 'disabled' } };
      return { messages: [withPage(message, html)], shown: { kind: 'rendered' } };
    });
    try {
      const path = sitePath(def.path);
      if (path === undefined || user.runtime === undefined) return;
      if (server === undefined) this.warn(`httpNodeRoot is false in settings.js: nothing is served at ${path}`);
      else serveSite(this, server, path, plugin, user.runtime);
    } catch (error) {
      user.refuse(asError(error));
    }
  });
};

/** Without a slash at its end; undefined: serve nothing. */
function sitePath(value: unknown): string | undefined {
  const path = textProperty('path', value, DEFAULT_PATH).trim();
  if (path === '') return undefined;
  if (!path.startsWith('/')) throw wrong('path', path, 'empty or start with "/"');
  return path.replace(/\/+$/, '');
}

function withPage(message: Message, payload: string): Message {
  if (!('res' in message)) return { ...message, payload };
  const headers = typeof message['headers'] === 'object' ? message['headers'] : {};
  return { ...message, headers: { ...headers, ...PAGE_HEADERS }, payload };
}
