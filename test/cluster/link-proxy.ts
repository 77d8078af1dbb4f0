/**
 * A link that can be bad, where the kernel has no netem: a TCP proxy on the way to one server. What it does to a connection
 * is decided by who made it, if `identify` can tell by the first bytes; everybody else has the link of `undefined`. All
 * chance comes from one seed. Whoever opens it closes it.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Random } from '../fuzz/random';
import { isCut, type Link, OPEN } from './link-condition';
import { Pump } from './pump';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Whose connection it is, once the bytes so far tell. */
export type Identify = (seen: string) => string | undefined;

export interface ProxyOptions {
  readonly listen: Endpoint;
  readonly target: Endpoint;
  readonly seed: number;
  readonly identify?: Identify;
}

/** A request's head is at its beginning; what identifies it is looked for in this much. */
const LOOKED_AT_BYTES = 4_096;

interface Connection {
  readonly inner: Socket;
  readonly outer: Socket;
  source: string | undefined;
  readonly pumps: Pump[];
}

export class LinkProxy {
  readonly #connections = new Set<Connection>();
  readonly #links = new Map<string | undefined, Link>();
  #made = 0;
  /** What it answers instead of the server. */
  #answer: string | undefined;

  private constructor(
    private readonly server: Server,
    private readonly options: ProxyOptions,
  ) {
    server.on('connection', (outer) => this.#accept(outer));
  }

  /** Port 0: a free one. */
  static async open(options: ProxyOptions): Promise<LinkProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new LinkProxy(server, options);
    server.listen(options.listen.port, options.listen.host);
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('this proxy is closed');
    return address.port;
  }

  get url(): string {
    return `http://${this.options.listen.host}:${this.port}`;
  }

  /** From now on, for connections that are there too. */
  set(link: Link, source?: string): void {
    this.#links.set(source, link);
    for (const connection of this.#connections) this.#apply(connection);
  }

  linkOf(source: string | undefined): Link {
    return this.#links.get(source) ?? this.#links.get(undefined) ?? OPEN;
  }

  /** From now on another server responds here, with this to each request; undefined: the one behind this link again. */
  impersonate(answer: string | undefined): void {
    this.#answer = answer;
    for (const { inner, outer } of this.#connections) {
      outer.resetAndDestroy();
      inner.destroy();
    }
  }

  /** For everybody. */
  setAll(link: Link): void {
    this.#links.clear();
    this.set(link);
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const { inner, outer } of this.#connections) {
      inner.destroy();
      outer.destroy();
    }
    await closed;
  }

  #accept(outer: Socket): void {
    if (this.#answer !== undefined) {
      respond(outer, this.#answer);
      return;
    }
    const { target, seed } = this.options;
    const random = new Random(seed, this.#made++);
    const inner = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const connection: Connection = { inner, outer, source: undefined, pumps: [] };
    this.#connections.add(connection);
    // What breaks on one side breaks on the other: that is all an error means here.
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#connections.delete(connection);
        if (socket.destroyed && !other.writableEnded) other.destroy();
      });
    }
    if (this.options.identify) this.#watch(connection, this.options.identify);
    connection.pumps.push(
      new Pump(outer, inner, () => this.linkOf(connection.source).forth, random),
      new Pump(inner, outer, () => this.linkOf(connection.source).back, random),
    );
    this.#apply(connection);
  }

  /** Set up before the pump, so that the bytes that tell are already treated as whoever sent them. */
  #watch(connection: Connection, identify: Identify): void {
    let seen = '';
    const look = (bytes: Buffer) => {
      seen = (seen + bytes.toString('latin1')).slice(-LOOKED_AT_BYTES);
      connection.source = identify(seen);
      if (connection.source === undefined) return;
      connection.outer.off('data', look);
      this.#apply(connection);
    };
    connection.outer.on('data', look);
  }

  #apply({ inner, outer, source, pumps }: Connection): void {
    if (isCut(this.linkOf(source))) {
      outer.resetAndDestroy();
      inner.destroy();
      return;
    }
    for (const pump of pumps) pump.look();
  }
}

function respond(socket: Socket, answer: string): void {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => socket.end(answer));
}
