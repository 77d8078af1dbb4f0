/**
 * Server-sent events to the browsers that watch a dashboard. A heartbeat goes out every 2 s, since the RevPi's reverse
 * proxy gives up on a silent answer after 3 s. Bounded: so many clients, and a client that does not read is dropped
 * rather than buffered for; its browser reconnects by itself.
 */
import type { ServerResponse } from 'node:http';
import type { RuntimeEvent } from '../../src/runtime-api';

const HEARTBEAT_MS = 2_000;
const MAX_CLIENTS = 200;
/** Some hundred events; a browser that lies further behind is gone or asleep. */
const MAX_UNREAD_BYTES = 256 * 2 ** 10;
/** How soon a browser comes back after its stream broke. */
const RETRY_MS = 2_000;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  // For nginx, which would hold the events back.
  'X-Accel-Buffering': 'no',
};

export class EventStream {
  readonly #clients = new Set<ServerResponse>();
  #heartbeat: NodeJS.Timeout | undefined;
  #closed = false;

  /** Answers 503 when there are too many clients, or none may come any more. */
  add(client: ServerResponse): void {
    if (this.#closed || this.#clients.size >= MAX_CLIENTS) {
      client.writeHead(503, { 'Retry-After': '10' }).end();
      return;
    }
    client.writeHead(200, HEADERS).write(`retry: ${RETRY_MS}\n\n`);
    this.#clients.add(client);
    this.#heartbeat ??= setInterval(() => this.#write(': alive\n\n'), HEARTBEAT_MS);
    client.on('close', () => this.#remove(client));
  }

  send(event: RuntimeEvent): void {
    if (this.#clients.size > 0) this.#write(`event: ${event.kind}\ndata: ${JSON.stringify(dataOf(event))}\n\n`);
  }

  close(): void {
    this.#closed = true;
    for (const client of [...this.#clients]) {
      this.#remove(client);
      client.end();
    }
  }

  #write(text: string): void {
    for (const client of [...this.#clients]) {
      if (client.writableLength > MAX_UNREAD_BYTES) {
        this.#remove(client);
        client.destroy();
      } else client.write(text);
    }
  }

  #remove(client: ServerResponse): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}

function dataOf(event: RuntimeEvent): unknown {
  switch (event.kind) {
    case 'plugin':
      return event.summary;
    case 'readings':
      return event.readings;
    case 'leds':
      return event.leds;
    case 'configured':
      return null;
  }
}
