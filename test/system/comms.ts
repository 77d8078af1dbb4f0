/**
 * What the editor hears over Node-RED's websocket: every status of every node and every message of a debug node, kept in
 * the order they came. Statuses are told anew to whoever subscribes.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Status {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

interface DebugData {
  readonly id: string;
  readonly format: string;
  readonly msg: unknown;
}

interface Packet {
  readonly topic: string;
  readonly data: unknown;
}

const TOPICS = ['status/#', 'debug'];
const STATUS = 'status/';
const CONNECT_LIMIT_MS = 10_000;

export class Comms {
  readonly #statuses: { readonly id: string; readonly status: Status }[] = [];
  readonly #debugs: DebugData[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const said: unknown = JSON.parse(String(data));
      // Where there are users, whoever has not logged in is told so, and nothing else.
      if (Array.isArray(said)) this.#receive(said);
    });
    // Node-RED ends before its sockets are closed in form; what was missed shows in what a test waits for.
    socket.on('error', () => undefined);
  }

  static async connect(url: string): Promise<Comms> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/comms`, { handshakeTimeout: CONNECT_LIMIT_MS });
    await once(socket, 'open');
    for (const subscribe of TOPICS) socket.send(JSON.stringify({ subscribe }));
    return new Comms(socket);
  }

  /** Oldest first. */
  statuses(node: string): Status[] {
    return this.#statuses.filter(({ id }) => id === node).map(({ status }) => status);
  }

  /** "green dot 21.5 °C (sim)"; "" before the first and after a node was removed. */
  status(node: string): string {
    const { fill, shape, text } = this.statuses(node).at(-1) ?? {};
    return fill === undefined ? '' : `${fill} ${shape} ${text}`;
  }

  /** What a debug node was sent, oldest first. */
  debugs(node: string): unknown[] {
    return this.#debugs.filter(({ id }) => id === node).map(decoded);
  }

  close(): void {
    this.#socket.terminate();
  }

  /** Where there is a login, a socket that has not logged in is told so, by no list. */
  #receive(packets: readonly Packet[] | { readonly auth: string }): void {
    if (!('length' in packets)) return;
    for (const { topic, data } of packets) {
      if (topic.startsWith(STATUS)) this.#statuses.push({ id: topic.slice(STATUS.length), status: asStatus(data) });
      else if (topic === 'debug' && isDebug(data)) this.#debugs.push(data);
    }
  }
}

function asStatus(data: unknown): Status {
  return typeof data === 'object' && data !== null ? data : {};
}

function isDebug(data: unknown): data is DebugData {
  return typeof data === 'object' && data !== null && 'id' in data && 'format' in data && 'msg' in data;
}

/** A debug node sends text: of an object or a list its JSON, of anything else its string. */
function decoded({ format, msg }: DebugData): unknown {
  if (typeof msg !== 'string') return msg;
  if (format === 'Object' || format.startsWith('array')) return JSON.parse(msg);
  return format === 'number' ? Number(msg) : msg;
}
