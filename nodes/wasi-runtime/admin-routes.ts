/**
 * What the editor asks of runtimes, below `edge-wasi/` of Node-RED's admin API: each route with the permission it needs.
 * Requests that change something must have a content type that no form of a foreign page can send, and are refused where
 * the browser says that another site sent them. Registered once, however often the nodes are loaded. Node-RED reads JSON
 * before any of this: what is none, or larger than its `apiMaxLength`, it refuses by itself (400, 413).
 */
import type { Express, Request, Response } from 'express';
import type { NodeAPI } from 'node-red';
import { answerFor, BadRequest, send } from './admin-answer';
import type { AdminRoute } from './admin-route';
import { configRoutes } from './config-routes';
import { pluginRoutes } from './plugin-routes';
import { uploadRoutes } from './upload-routes';

const ROOT = '/edge-wasi';
const CONTENT_TYPES = { json: 'application/json', wasm: 'application/wasm' } as const;

const served = new WeakSet<Express>();

export function serveAdmin(RED: NodeAPI): void {
  if (served.has(RED.httpAdmin)) return;
  served.add(RED.httpAdmin);
  for (const route of [...pluginRoutes(RED), ...configRoutes(RED), ...uploadRoutes(RED)]) serve(RED, route);
}

function serve(RED: NodeAPI, route: AdminRoute): void {
  RED.httpAdmin[route.method](
    `${ROOT}/${route.path}`,
    RED.auth.needsPermission(route.permission),
    (request: Request, response: Response) => void carry(RED, route, request, response),
  );
}

async function carry(RED: NodeAPI, route: AdminRoute, request: Request, response: Response): Promise<void> {
  try {
    checkSender(request, route);
    send(response, await route.answer(request));
  } catch (error) {
    const answer = answerFor(error);
    if (answer === undefined) RED.log.error(`edge-wasi: ${route.method} ${route.path}: ${String(error)}`);
    // Of a body that nobody wants: who still sends it gets to read the answer.
    if (!request.complete) request.resume();
    send(response, answer ?? { status: 500, body: { code: 'PLUGIN_ERROR', message: `this failed: ${String(error)}` } });
  }
}

/** Without adminAuth anybody's page could otherwise have a browser in this network send it. */
function checkSender(request: Request, { method, accepts }: AdminRoute): void {
  if (method !== 'get' && request.headers['sec-fetch-site'] === 'cross-site')
    throw new BadRequest(403, 'CONFIG_INVALID', 'another site sent this request: only the editor may');
  if (accepts === 'anything') return;
  const expected = CONTENT_TYPES[accepts];
  const found = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (found !== expected)
    throw new BadRequest(415, 'CONFIG_INVALID', `expected a body of ${expected}, found ${found ?? 'none'}`);
}
