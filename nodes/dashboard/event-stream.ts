/**
 * Server-sent events to the browsers that watch a dashboard: what happens in the runtime, or (`/events?page`) the page
 * itself whenever it looks different. A heartbeat goes out every 2 s, since the RevPi's reverse proxy gives up on a silent
 * answer after 3 s, as an event, since a script cannot see a comment.
 *
 * Bounded: so many clients, one page for each of them, and one copy of that page for all; many of them are written to in
 * pieces of 4 ms, so that everything else in Node-RED goes on meanwhile. Who is slow gets the newest page when it can, not
 * every one. Who comes is told the newest page, or that it has it, and never one from before.
 */
import type { ServerResponse } from 'node:http';
import type { Hello, PageEvent } from '../../src/dashboard/live-protocol';
import { HEARTBEAT_MS } from '../../src/dashboard/live-protocol';
import type { Page } from '../../src/dashboard/page';
import type { RuntimeEvent } from '../../src/runtime-api/runtime-api';
import { type Asked, EventClient } from './event-client';

const MAX_CLIENTS = 200;
/** How soon a browser comes back after its stream broke. */
const RETRY_MS = 2_000;
const RETRY_WHEN_FULL_S = 10;
/** A longer page is fetched by those who are to show it, one by one. */
const MAX_PAGE_BYTES = 128 * 2 ** 10;
/** A fifth of what may hold the event loop. */
const PIECE_MS = 4;

const CURRENT = 'event: current\ndata: {}\n\n';
const ALIVE = 'event: alive\ndata: {}\n\n';

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  // For nginx, which would hold the events back.
  'X-Accel-Buffering': 'no',
};

export interface PageFeed {
  readonly build: string;
  /** Somebody wants to see the page, until the function that is returned is called. */
  watch(): () => void;
  /** After the page was shown, where it is another one than before. */
  newest(): Promise<unknown>;
}

interface Sent {
  readonly revision: string;
  readonly bytes: Buffer;
}

export class EventStream {
  readonly #clients = new Map<ServerResponse, EventClient>();
  #heartbeat: NodeJS.Timeout | undefined;
  #page: Sent | undefined;
  #piece: NodeJS.Immediate | undefined;
  #unwatch: (() => void) | undefined;
  #closed = false;

  constructor(readonly feed: PageFeed) {}

  get isFull(): boolean {
    return this.#closed || this.#clients.size >= MAX_CLIENTS;
  }

  /** Answers 503 when there are too many clients, or none may come any more. */
  add(response: ServerResponse, asked: Asked): void {
    // Gone while httpNodeAuth looked at the password: it would never be told of as closed, and be watched for until a deploy.
    if (response.destroyed) return;
    if (this.isFull) {
      this.answerHead(response);
      return;
    }
    const client = new EventClient(response, asked);
    response.writeHead(200, HEADERS).write(`retry: ${RETRY_MS}\n\n`);
    this.#clients.set(response, client);
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
    response.on('close', () => this.#remove(client));
    if (asked.kind === 'events') return;
    const hello: Hello = { build: this.feed.build };
    client.write(`event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
    response.on('drain', () => this.#showAll());
    this.#unwatch ??= this.feed.watch();
    void this.feed.newest().then(() => this.#follow(client));
  }

  /** As `add` would answer now, for a browser that asks why it was refused. */
  answerHead(response: ServerResponse): void {
    if (this.isFull) response.writeHead(503, { 'Retry-After': String(RETRY_WHEN_FULL_S) }).end();
    else response.writeHead(200, HEADERS).end();
  }

  send(event: RuntimeEvent): void {
    const data = dataOf(event);
    if (data === undefined || this.#clients.size === 0) return;
    const clients = [...this.#clients.values()].filter(({ asked }) => asked.kind === 'events');
    if (clients.length === 0) return;
    // One copy for all of them: each would make its own of a text.
    const bytes = Buffer.from(`event: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const client of clients) if (!client.write(bytes)) this.#drop(client);
  }

  /** From now on this is the page. */
  show({ revision, html }: Page): void {
    const isLong = html.length > MAX_PAGE_BYTES || Buffer.byteLength(html) > MAX_PAGE_BYTES;
    const event: PageEvent = isLong ? { revision } : { revision, html };
    this.#page = { revision, bytes: Buffer.from(`event: page\nid: ${revision}\ndata: ${JSON.stringify(event)}\n\n`) };
    for (const client of this.#clients.values()) if (client.asked.kind === 'page') client.state = 'following';
    this.#showAll();
  }

  close(): void {
    this.#closed = true;
    clearImmediate(this.#piece);
    for (const client of [...this.#clients.values()]) {
      this.#remove(client);
      client.response.end();
    }
  }

  /** To everyone who shows another page and can take this one, as many as fit into a piece. */
  #showAll(): void {
    const page = this.#page;
    if (page === undefined || this.#piece !== undefined) return;
    const endsAt = performance.now() + PIECE_MS;
    for (const client of [...this.#clients.values()]) {
      if (client.state === 'waiting' || client.shown === page.revision || !client.isReading) continue;
      client.shown = page.revision;
      this.#told(client, page.bytes);
      if (performance.now() < endsAt) continue;
      this.#piece = setImmediate(() => {
        this.#piece = undefined;
        this.#showAll();
      });
      return;
    }
  }

  /** What the newest page is, is known now. */
  #follow(client: EventClient): void {
    if (!this.#clients.has(client.response) || client.state === 'following') return;
    client.state = 'following';
    if (client.shown === this.#page?.revision) this.#told(client, CURRENT);
    else this.#showAll();
  }

  #told(client: EventClient, event: string | Buffer): void {
    client.write(event);
    if (client.asked.kind !== 'page' || client.asked.until === 'closed') return;
    this.#remove(client);
    client.response.end();
  }

  #beat(): void {
    for (const client of [...this.#clients.values()]) if (!client.beat(ALIVE)) this.#drop(client);
  }

  #drop(client: EventClient): void {
    this.#remove(client);
    client.response.destroy();
  }

  #remove({ response }: EventClient): void {
    this.#clients.delete(response);
    if (![...this.#clients.values()].some(({ asked }) => asked.kind === 'page')) {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
    if (this.#clients.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}

/** undefined: nothing for a browser. */
function dataOf(event: RuntimeEvent): unknown {
  switch (event.kind) {
    case 'plugin':
      return event.summary;
    case 'readings':
    case 'unknown':
      return event.readings;
    case 'leds':
      return event.leds;
    case 'removed':
      return { name: event.plugin };
    case 'configured':
      return null;
    case 'cluster':
      return event.state ?? null;
    case 'storage':
      return event.storage;
    case 'logged':
      return undefined;
  }
}
