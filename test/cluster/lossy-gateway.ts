/**
 * An etcd gateway behind a bad line: requests pass, are lost on the way, or are done and their answer is lost, as a seed
 * says. Streams pass, are cut or fall silent. `isDown` is a member that is gone.
 */
import { once } from 'node:events';
import * as http from 'node:http';

/** `falls silent`: the begin of its answer passes, and the connection stays. */
export type Fate = 'passes' | 'is lost' | 'answer is lost' | 'falls silent';

export class LossyGateway {
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true });
  isDown = false;
  /** Bytes of the largest body so far, or of the largest line of a stream. */
  largestResponse = 0;
  /** What came of each request so far. */
  readonly fates = new Map<Fate, number>();

  private constructor(
    public target: string,
    readonly fateOf: (path: string) => Fate,
  ) {
    this.#server = http.createServer((request, response) => this.#pass(request, response));
  }

  static async start(target: string, fateOf: (path: string) => Fate = () => 'passes'): Promise<LossyGateway> {
    const gateway = new LossyGateway(target, fateOf);
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    return gateway;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Every connection is cut, streams among them. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#agent.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const fate = this.isDown ? 'is lost' : this.fateOf(request.url ?? '');
    this.fates.set(fate, (this.fates.get(fate) ?? 0) + 1);
    if (fate === 'is lost') {
      request.socket.destroy();
      return;
    }
    const { method = 'POST', headers } = request;
    const on = http.request(new URL(request.url ?? '', this.target), { method, headers, agent: this.#agent });
    const hangUp = () => {
      request.socket.destroy();
      on.destroy();
    };
    on.on('error', hangUp);
    response.on('close', () => on.destroy());
    on.on('response', (answer) => {
      answer.on('error', hangUp);
      this.#weigh(answer);
      if (fate === 'answer is lost') {
        answer.resume().on('end', hangUp);
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (fate === 'falls silent') answer.once('data', (begin) => response.write(begin)).on('data', () => undefined);
      else answer.pipe(response);
    });
    request.pipe(on);
  }

  #weigh(answer: http.IncomingMessage): void {
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      const ending = chunk.lastIndexOf('\n');
      this.largestResponse = Math.max(
        this.largestResponse,
        bytes + (ending === -1 ? chunk.length : chunk.indexOf('\n')),
      );
      bytes = ending === -1 ? bytes + chunk.length : chunk.length - ending - 1;
    });
  }
}
