/**
 * JSON to one member and back, over node:http or node:https with connections that are kept. Each exchange has a deadline,
 * and an answer a largest size; a stream of JSON lines has a largest line. No retry and no judgement here: throws EtcdError
 * `unreachable`, `no-answer`, `too-large` or `closed`. `close` ends everything that is under way.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import { EtcdError, type EtcdFault } from './etcd-error';

/** PEM texts. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface ExchangeOptions {
  readonly deadlineMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface StreamOptions extends ExchangeOptions {
  /** `deadlineMs` is until the first line; it may be silent for long after it. */
  readonly isEndless: boolean;
  /** No further line is read until it has come back; it does not throw. */
  onLine(line: string): void | Promise<void>;
}

/** Some pages of keys; etcd itself takes requests of 1.5 MB. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** One request a connection; a publisher, a follower, leases and probes at once. */
const MAX_CONNECTIONS = 8;

export class JsonExchange {
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;
  /** How to end each exchange that is under way. */
  readonly #open = new Set<() => void>();

  #isClosed = false;

  constructor(
    readonly endpoint: string,
    tls: TlsMaterial | undefined,
  ) {
    const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    const isTls = endpoint.startsWith('https:');
    this.#agent = isTls ? new https.Agent({ ...options, ...tls }) : new http.Agent(options);
    this.#request = isTls ? https.request : http.request;
  }

  post(path: string, body: string, options: ExchangeOptions): Promise<Answer> {
    return this.#exchange(path, body, options, (response, done) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) done.fail('too-large', `its response is larger than ${MAX_ANSWER_BYTES} bytes`);
        else chunks.push(chunk);
      });
      response.on('end', () => {
        done.resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
  }

  /** Comes back when the member ends the stream. */
  stream(path: string, body: string, options: StreamOptions): Promise<Answer> {
    return this.#exchange(path, body, options, (response, done) => {
      readLines(response, options, done).catch((error: Error) => done.fail('unreachable', error.message, error));
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
    { deadlineMs, headers, signal }: ExchangeOptions,
    receive: (response: http.IncomingMessage, done: Ending) => void,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.endpoint);
      const request = this.#request(url, { method: 'POST', agent: this.#agent, headers: { ...headers } });
      const finish = (then: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        this.#open.delete(stop);
        then();
      };
      const fail = (kind: EtcdFault, why: string, cause?: unknown) => {
        const error = new EtcdError(kind, this.endpoint, `etcd at ${this.endpoint}: ${why}`, { cause });
        finish(() => reject(error));
        request.destroy();
      };
      const stop = () => fail('closed', `${path} was given up`);
      const timer = setTimeout(() => fail('no-answer', `no answer to ${path} within ${deadlineMs} ms`), deadlineMs);
      this.#open.add(stop);
      const onError = (error: Error) => fail('unreachable', error.message || 'the connection was lost', error);
      request.on('error', onError);
      request.on('response', (response) => {
        response.on('error', onError);
        receive(response, {
          resolve: (answer) => finish(() => resolve(answer)),
          fail,
          stopDeadline: () => clearTimeout(timer),
        });
      });
      if (signal?.aborted || this.#isClosed) stop();
      else signal?.addEventListener('abort', stop, { once: true });
      request.end(body);
    });
  }
}

interface Ending {
  resolve(answer: Answer): void;
  fail(kind: EtcdFault, why: string, cause?: unknown): void;
  stopDeadline(): void;
}

/** What is not read yet waits at the member, not here. */
async function readLines(response: http.IncomingMessage, options: StreamOptions, done: Ending): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_ANSWER_BYTES) return done.fail('too-large', `a line of its stream is larger than ${MAX_ANSWER_BYTES} bytes`);
    if (lines.length > 0 && options.isEndless) done.stopDeadline();
    for (const line of lines) if (line !== '') await options.onLine(line);
  }
  done.resolve({ status: response.statusCode ?? 0, text: rest });
}
