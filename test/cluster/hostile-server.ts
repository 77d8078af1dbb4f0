/** An HTTP server that is no etcd, or one that lies: what it responds is the test's. Counts what it was asked. */
import { once } from 'node:events';
import * as http from 'node:http';

export type Respond = (path: string, response: http.ServerResponse) => void;

export class HostileServer {
  readonly #server: http.Server;
  readonly asked: string[] = [];

  private constructor(public respond: Respond) {
    this.#server = http.createServer((request, response) => {
      this.asked.push(request.url ?? '');
      request.resume();
      // Whoever hangs up in the middle has its reasons.
      response.on('error', () => undefined);
      this.respond(request.url ?? '', response);
    });
  }

  static async start(respond: Respond): Promise<HostileServer> {
    const hostile = new HostileServer(respond);
    hostile.#server.listen(0, '127.0.0.1');
    await once(hostile.#server, 'listening');
    return hostile;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export function says(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Respond {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_path, response) => response.writeHead(status, headers).end(text);
}

/** As etcd's. */
export const HEADER = { cluster_id: '11', member_id: '12', revision: '13', raft_term: '2' };
