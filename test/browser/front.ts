/**
 * What may stand between a browser and Node-RED: a reverse proxy that takes a prefix away, and whose answers a test decides
 * on. Cut, it drops what is open and takes no more connections in, as an unplugged cable looks once the kernel noticed.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

export type FrontState =
  | { readonly kind: 'open' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'answers'; readonly status: number };

export class Front {
  #state: FrontState = { kind: 'open' };
  /** Requests that are not answered to their end. */
  readonly #open = new Set<IncomingMessage>();

  private constructor(
    readonly server: Server,
    readonly port: number,
    readonly prefix: string,
  ) {}

  /** `prefix` starts with a slash and is not passed on. */
  static async open(target: string, prefix = ''): Promise<Front> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const front = new Front(server, address.port, prefix);
    server.on('request', (asked, answer) => front.#serve(target, asked, answer));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${this.prefix}`;
  }

  /** Of the streams that are open: requests for events that do not end by themselves. */
  get streams(): string[] {
    const urls = [...this.#open].map(({ url = '' }) => url);
    return urls.filter((url) => url.includes('/events') && !url.includes('&once'));
  }

  set state(state: FrontState) {
    this.#state = state;
    // What is under way ends, whatever comes next.
    if (state.kind !== 'open') this.server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  #serve(target: string, asked: IncomingMessage, answer: ServerResponse): void {
    if (this.#state.kind === 'cut') {
      asked.socket.destroy();
      return;
    }
    if (this.#state.kind === 'answers') {
      answer.writeHead(this.#state.status).end();
      return;
    }
    const { url = '/', method, headers } = asked;
    if (!url.startsWith(this.prefix)) {
      answer.writeHead(404).end();
      return;
    }
    this.#open.add(asked);
    answer.on('close', () => this.#open.delete(asked));
    const onward = request(`${target}${url.slice(this.prefix.length)}`, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  }
}
