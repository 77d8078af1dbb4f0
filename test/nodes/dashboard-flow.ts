/** A dashboard node over a fake runtime, and requests to what Node-RED serves of it; `close` ends both. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { RuntimeApi } from '../../src/runtime-api/runtime-api';
import type { FakeRuntime } from './fake-runtime';
import { Flow, OUT, RUNTIME } from './flow';

export const NODE = {
  id: 'page',
  type: 'dashboard',
  runtime: 'runtime',
  plugin: 'dashboard',
  path: '/wasi',
  wires: [['out']],
};

export class DashboardFlow {
  #server: Server | undefined;

  private constructor(readonly flow: Flow) {}

  static async start(
    runtime: FakeRuntime | (() => Promise<RuntimeApi>),
    nodes: readonly object[] = [NODE],
    settings: object = {},
  ): Promise<DashboardFlow> {
    const open = typeof runtime === 'function' ? runtime : async () => runtime;
    const flow = await Flow.start([RUNTIME, ...nodes, OUT], open, {
      httpNodeMiddleware: undefined,
      ...settings,
    });
    return new DashboardFlow(flow);
  }

  async serve(answers: RequestListener): Promise<void> {
    this.#server = createServer(answers).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async get(path: string, init: RequestInit = {}): Promise<Response> {
    if (this.#server === undefined) await this.serve(this.flow.RED.httpNode);
    const address = this.#server?.address();
    assert.ok(typeof address === 'object' && address !== null);
    return fetch(`http://127.0.0.1:${address.port}${path}`, init);
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    await this.flow.stop();
  }
}
