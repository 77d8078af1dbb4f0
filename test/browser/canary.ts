/** An address that nobody may reach: remembers every connection, request and datagram. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';

export class Canary {
  /** What reached it, oldest first. */
  readonly heard: string[] = [];
  readonly #server = createServer((request, response) => {
    this.heard.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/html' }).end('canary');
  });
  readonly #socket = createSocket('udp4');

  static async open(): Promise<Canary> {
    const canary = new Canary();
    canary.#server.on('connection', () => canary.heard.push('a connection'));
    canary.#server.listen(0, '127.0.0.1');
    canary.#socket.on('message', () => canary.heard.push('a datagram'));
    canary.#socket.bind(0, '127.0.0.1');
    await Promise.all([once(canary.#server, 'listening'), once(canary.#socket, 'listening')]);
    return canary;
  }

  get host(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the canary is not there');
    return `127.0.0.1:${address.port}`;
  }

  get stun(): string {
    return `stun:127.0.0.1:${this.#socket.address().port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#socket.close();
    await once(this.#server, 'close');
  }
}
