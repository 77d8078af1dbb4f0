/**
 * JSON to one member and back, over node:http or node:https with connections that are kept. Each exchange has a deadline,
 * and a response a largest size (received-text.ts) and its share of the memory for all responses (response-budget.ts); a
 * stream of JSON lines has both for each line. A redirect is not followed. No retry and no judgement here: throws EtcdError
 * `unreachable`, `no-answer`, `too-large` (`broken-answer` where nothing large is due) or `closed`. `close` ends everything that is under way.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { EtcdError, type EtcdFault } from './etcd-error';
import { MAX_RESPONSE_BYTES, ReceivedText } from './received-text';
import { ResponseBudget, type ResponseShare } from './response-budget';
import { connectionFault, speaksTls } from './tls-fault';
import type { TlsMaterial } from './tls-material';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of a redirect; else "". */
  readonly location: string;
}

export interface ExchangeOptions {
  readonly deadlineMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Its size is whoever filled the store's to answer for; else what is too large is none of etcd's. */
  readonly mayBeLarge?: boolean;
}

export interface StreamOptions extends ExchangeOptions {
  /** `deadlineMs` is until the first line; it may be silent for long after it. */
  readonly isEndless: boolean;
  /** No further line is read until it has come back; it does not throw. */
  onLine(line: Answer): void | Promise<void>;
}

/** One request a connection; a publisher, a follower, leases and probes at once. */
const MAX_CONNECTIONS = 8;
/** What most responses are, and what a connection has in its hands at once. */
const SMALL_RESPONSE_BYTES = 64 * 2 ** 10;
const NEWLINE = '\n'.charCodeAt(0);
/** A member may be set up with TLS while it is tried. */
const LOOK_FOR_TLS_EVERY_MS = 60_000;

export class JsonExchange {
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;
  readonly #tls: TlsMaterial | undefined;
  readonly #budget: ResponseBudget;
  /** How to end each exchange that is under way. */
  readonly #open = new Set<() => void>();

  #connectionEvents = 0;
  #isClosed = false;
  #isTlsThere = false;
  #lookedForTlsAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly endpoint: string,
    tls: TlsMaterial | undefined,
    budget = new ResponseBudget(),
  ) {
    const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    const isTls = endpoint.startsWith('https:');
    this.#agent = isTls ? new https.Agent({ ...options, ...tls }) : new http.Agent(options);
    this.#request = isTls ? https.request : http.request;
    this.#tls = tls;
    this.#budget = budget;
  }

  /** Grows with each connection that is opened or closed: as long as it is the same, the same process responds. */
  get connectionEvents(): number {
    return this.#connectionEvents;
  }

  post(path: string, body: string, options: ExchangeOptions): Promise<Answer> {
    return this.#exchange(path, body, options, (response, share, done) => readWhole(response, share, done));
  }

  /** Comes back when the member ends the stream. */
  stream(path: string, body: string, options: StreamOptions): Promise<Answer> {
    return this.#exchange(path, body, options, (response, share, done) => {
      readLines(response, share, options, done).catch((error: Error) => done.fail('unreachable', error.message, error));
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of [...this.#open]) stop();
    this.#agent.destroy();
  }

  #exchange(
    path: string,
    body: string,
    { deadlineMs, headers, signal, mayBeLarge = false }: ExchangeOptions,
    receive: (response: http.IncomingMessage, share: ResponseShare, done: Ending) => void,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const share = this.#budget.share();
      let request: http.ClientRequest | undefined;
      let hasEnded = false;
      const finish = (then: () => void) => {
        hasEnded = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        this.#open.delete(stop);
        share.end();
        then();
      };
      const fail = (kind: EtcdFault, why: string, cause?: unknown, advice?: string) => {
        const error = new EtcdError(kind, this.endpoint, `etcd at ${this.endpoint}: ${why}`, { cause, advice });
        finish(() => reject(error));
        request?.destroy();
      };
      const stop = () => fail('closed', `${path} was given up`);
      const onDeadline = () => {
        if (share.isWaiting) fail('too-large', `there was no room for its response to ${path} beside others`);
        else fail('no-answer', `no answer to ${path} within ${deadlineMs} ms`);
      };
      const onError = (error: Error & { readonly code?: unknown }) => {
        // A request that was given up is destroyed, which is an error to it.
        if (hasEnded) return;
        const { why, advice } = connectionFault(error, this.endpoint, this.#tls, this.#isTlsThere);
        if (error.code === 'ECONNRESET') this.#lookForTls();
        fail('unreachable', why, error, advice);
      };
      const timer = setTimeout(onDeadline, deadlineMs);
      this.#open.add(stop);
      if (signal?.aborted || this.#isClosed) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      let sent: http.ClientRequest;
      try {
        const url = new URL(path, this.endpoint);
        sent = this.#request(url, { method: 'POST', agent: this.#agent, headers: { ...headers } });
      } catch (error) {
        // A certificate or key that TLS cannot use.
        return onError(error as Error);
      }
      request = sent;
      sent.on('error', onError);
      sent.on('socket', (socket: Socket) => {
        if (!sent.reusedSocket) this.#watchConnection(socket);
      });
      sent.on('response', (response) => {
        this.#isTlsThere = false;
        response.on('error', onError);
        const { statusCode: status = 0, headers: told } = response;
        const answer = (text: string): Answer => ({ status, text, location: told.location ?? '' });
        receive(response, share, {
          answer,
          resolve: (text) => finish(() => resolve(answer(text))),
          fail,
          failTooLarge: (why) => fail(mayBeLarge ? 'too-large' : 'broken-answer', why),
          stopDeadline: () => clearTimeout(timer),
        });
      });
      sent.end(body);
    });
  }

  #watchConnection(socket: Socket): void {
    this.#connectionEvents += 1;
    socket.once('close', () => {
      this.#connectionEvents += 1;
    });
  }

  #lookForTls(): void {
    const now = performance.now();
    if (this.endpoint.startsWith('https:') || now - this.#lookedForTlsAt < LOOK_FOR_TLS_EVERY_MS || this.#isClosed)
      return;
    this.#lookedForTlsAt = now;
    const { isThere, stop } = speaksTls(this.endpoint);
    this.#open.add(stop);
    void isThere.then((found) => {
      this.#open.delete(stop);
      this.#isTlsThere = found;
    });
  }
}

interface Ending {
  resolve(text: string): void;
  answer(text: string): Answer;
  fail(kind: EtcdFault, why: string, cause?: unknown): void;
  failTooLarge(why: string): void;
  stopDeadline(): void;
}

function readWhole(response: http.IncomingMessage, share: ResponseShare, done: Ending): void {
  const announced = Number(response.headers['content-length'] ?? 0) || 0;
  if (announced > MAX_RESPONSE_BYTES) {
    done.failTooLarge(`its response is larger than ${MAX_RESPONSE_BYTES} bytes`);
    return;
  }
  const received = new ReceivedText();
  const read = () => {
    response.on('data', (chunk: Buffer) => {
      const tooMuch = received.add(chunk);
      if (tooMuch !== undefined) return done.failTooLarge(`its response ${tooMuch}`);
      if (received.bytes <= share.bytes) return;
      response.pause();
      share.grow(MAX_RESPONSE_BYTES, () => response.resume());
    });
    response.on('end', () => done.resolve(received.take()));
  };
  share.grow(Math.max(announced, SMALL_RESPONSE_BYTES), read);
}

/** What is not read yet waits at the member, not here. */
async function readLines(
  response: http.IncomingMessage,
  share: ResponseShare,
  options: StreamOptions,
  done: Ending,
): Promise<void> {
  const room = (bytes: number) => new Promise<void>((resolve) => share.grow(bytes, resolve));
  const line = new ReceivedText();
  await room(SMALL_RESPONSE_BYTES);
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let from = 0;
    while (from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const to = newline === -1 ? chunk.length : newline;
      const tooMuch = line.add(chunk.subarray(from, to));
      if (tooMuch !== undefined) return done.failTooLarge(`a line of its stream ${tooMuch}`);
      from = to + 1;
      if (line.bytes > share.bytes) await room(MAX_RESPONSE_BYTES);
      if (newline === -1) continue;
      if (options.isEndless) done.stopDeadline();
      if (line.bytes > 0) await options.onLine(done.answer(line.take()));
      share.shrink(SMALL_RESPONSE_BYTES);
    }
  }
  done.resolve(line.take());
}
