/**
 * Modbus TCP for a bounded number of clients, none of which can starve the others: each is given its share of requests,
 * all together a share of the loop; who sends half a frame, reads no answers or is silent for long is disconnected, and
 * with no place left the client that has been silent longest makes room, as the Implementation Guide V1.0b, 4.2.1, wants
 * it. Throws MODBUS_FAILED where it cannot listen.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { WasiError } from '../errors/wasi-error';
import { TokenBucket } from '../platform/token-bucket';
import { type AnswerTcp, TcpClient } from './tcp-client';

export const MAX_CLIENTS = 64;
/** Of one client: 25 000 registers a second. */
export const REQUESTS_PER_SECOND = 200;
const REQUESTS_AT_ONCE = 50;
/** Of all together: 4 % of a PC's core, at some 20 µs each with the system's share. */
const ALL_REQUESTS_PER_SECOND = 2_000;
const ALL_REQUESTS_AT_ONCE = 200;
/** Clients that ask more than they are given are served so often. */
const TURN_MS = 20;
const SWEEP_MS = 1_000;
/** A client that asked so lately is not taken its place away. */
export const KEEPS_PLACE_MS = 10_000;
/** When the system begins to ask whether a silent peer is still there. */
const KEEP_ALIVE_MS = 30_000;
const SYSTEM_PORTS_BELOW = 1_024;

export interface TcpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: AnswerTcp;
  readonly now: () => number;
  /** It listens no longer, through no wish of ours. */
  readonly onLost: (error: WasiError) => void;
}

export class TcpServer {
  readonly #server: Server;
  /** Those served longest ago come first. */
  readonly #clients = new Map<Socket, TcpClient>();
  readonly #all: TokenBucket;
  readonly #sweep: NodeJS.Timeout;
  #turns: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  private constructor(readonly options: TcpServerOptions) {
    this.#all = new TokenBucket(ALL_REQUESTS_AT_ONCE, ALL_REQUESTS_PER_SECOND, options.now);
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.#add(socket),
    );
    this.#sweep = setInterval(() => this.sweep(), SWEEP_MS);
  }

  static async open(options: TcpServerOptions): Promise<TcpServer> {
    const server = new TcpServer(options);
    try {
      await server.#listen();
    } catch (error) {
      await server.close();
      throw failure(error, options);
    }
    return server;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.options.port;
  }

  /** Disconnects who has kept others waiting for too long; called every second. */
  sweep(): void {
    const now = this.options.now();
    for (const [socket, client] of this.#clients) if (client.isOverdue(now)) socket.destroy();
  }

  /** Idempotent. Clients are disconnected. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      clearInterval(this.#sweep);
      clearInterval(this.#turns);
      for (const socket of this.#clients.keys()) socket.destroy();
      this.#server.close(() => resolve());
    });
    return this.#closing;
  }

  #listen(): Promise<void> {
    const { host, port } = this.options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.options.onLost(failure(error, this.options)));
        resolve();
      });
    });
  }

  #add(socket: Socket): void {
    if (this.#closing !== undefined || !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    const { answer, now } = this.options;
    const own = new TokenBucket(REQUESTS_AT_ONCE, REQUESTS_PER_SECOND, now);
    this.#clients.set(socket, new TcpClient(socket, answer, [own, this.#all], now));
    socket.on('close', () => this.#clients.delete(socket));
    this.#turns ??= setInterval(() => this.#takeTurns(), TURN_MS);
  }

  /** Whether there is a place for another client. */
  #makeRoom(): boolean {
    if (this.#clients.size < MAX_CLIENTS) return true;
    const now = this.options.now();
    let longest: { readonly socket: Socket; readonly since: number } | undefined;
    for (const [socket, { silentSince }] of this.#clients) {
      if (silentSince === undefined || now - silentSince < KEEPS_PLACE_MS) continue;
      if (longest === undefined || silentSince < longest.since) longest = { socket, since: silentSince };
    }
    if (longest === undefined) return false;
    this.#clients.delete(longest.socket);
    longest.socket.destroy();
    return true;
  }

  #takeTurns(): void {
    if (this.#clients.size === 0) {
      clearInterval(this.#turns);
      this.#turns = undefined;
      return;
    }
    for (const [socket, client] of [...this.#clients]) {
      // Behind the others now: what all are given together may not be enough for the last ones.
      if (client.turn() && this.#clients.delete(socket)) this.#clients.set(socket, client);
    }
  }
}

function failure(error: unknown, { host, port }: TcpServerOptions): WasiError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const at = `Modbus TCP cannot listen at ${host}:${port}`;
  const options = { cause: error };
  if (code === 'EADDRINUSE')
    return new WasiError(
      'MODBUS_FAILED',
      `${at}: another program, or another modbus-gateway node, uses this port; end it or choose another port`,
      options,
    );
  if (code === 'EACCES' && port < SYSTEM_PORTS_BELOW)
    return new WasiError(
      'MODBUS_FAILED',
      `${at}: ports below ${SYSTEM_PORTS_BELOW} are for root; choose 1502, or let the system forward port ${port} to it ` +
        '(docs/modbus.md)',
      options,
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new WasiError(
      'MODBUS_FAILED',
      `${at}: this machine has no such address; choose 127.0.0.1, 0.0.0.0 for all, or one that "ip address" shows`,
      options,
    );
  return new WasiError(
    'MODBUS_FAILED',
    `${at}: ${String(error)}; correct host and port in the node and deploy`,
    options,
  );
}
