/**
 * The editor's side of a flow's admin API: requests to a server of this machine, answered by the routes of the flow's
 * nodes. `host` is a wasi-runtime over a fake runtime and a real host.toml in a scratch folder.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Flow } from './flow';

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export class AdminClient {
  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async of(flow: Flow): Promise<AdminClient> {
    const server = createServer(flow.RED.httpAdmin).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    return new AdminClient(server, `http://127.0.0.1:${address.port}/edge-wasi/`);
  }

  get(path: string): Promise<Answered> {
    return this.request('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<Answered> {
    return this.request('POST', path, JSON.stringify(body));
  }

  async request(
    method: string,
    path: string,
    body?: BodyInit,
    headers: Readonly<Record<string, string>> = { 'Content-Type': 'application/json' },
  ): Promise<Answered> {
    const init = body === undefined ? {} : { body, headers };
    const response = await fetch(`${this.url}${path}`, { method, signal: AbortSignal.timeout(10_000), ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text || undefined };
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A field of an answer that is an object. */
export function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}
