/**
 * One etcd member, asked through its JSON gateway (etcd's grpc-gateway, `/v3/…`, since 3.4). Calls carry the user's token,
 * which is asked for when it is first needed and again when the member no longer knows it (it forgets tokens when it
 * restarts, and after five minutes), and ask for a leader: a member that has none says so at once instead of waiting seven
 * seconds. Throws EtcdError.
 *
 * A user over TLS client certificates alone is not possible here: etcd ignores the certificate's name in requests through
 * its gateway (etcd's doc "Authentication", "Using TLS Common Name"), so that rights need user and password.
 */
import { EtcdError, faultOf } from './etcd-error';
import { JsonExchange, type TlsMaterial } from './json-exchange';
import { type Json, parseJson, text, whole } from './json-fields';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface MemberOptions {
  readonly tls?: TlsMaterial | undefined;
  readonly credentials?: Credentials | undefined;
  /** Of a call that names none. */
  readonly deadlineMs?: number;
}

export interface CallOptions {
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A read of what this member knows: a learner and a member without leader answer too. */
  readonly isLocal?: boolean;
}

export interface StreamCallOptions extends CallOptions {
  /** The deadline holds until its first line alone. */
  readonly isEndless?: boolean;
}

/** A member on an SD card that syncs beside us takes some 100 ms. */
const DEADLINE_MS = 2_000;
/** It compares a bcrypt hash: some 70 ms on a PC, a second on a Pi Zero. */
const AUTHENTICATE_DEADLINE_MS = 5_000;
/** grpc-gateway hands on what begins so; etcd's name for it is rpctypes.MetadataRequireLeaderKey. */
const WITH_LEADER = { 'Grpc-Metadata-hasleader': 'true' };

export class EtcdMember {
  readonly #exchange: JsonExchange;
  readonly #options: MemberOptions;
  #token: Promise<string> | undefined;

  constructor(
    readonly endpoint: string,
    options: MemberOptions = {},
  ) {
    this.#exchange = new JsonExchange(endpoint, options.tls);
    this.#options = options;
  }

  async call(path: string, body: Json, options: CallOptions = {}): Promise<Json> {
    const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
    return await this.#authenticated(options, async (headers) => {
      const answer = await this.#exchange.post(path, JSON.stringify(body), {
        deadlineMs,
        headers,
        signal: options.signal,
      });
      return this.#read(answer.text, answer.status);
    });
  }

  /**
   * Each line's `result` in turn, the next when `onResult` has come back; comes back when the member ends the stream, throws
   * what it, or `onResult`, ends it with.
   */
  async stream(
    path: string,
    body: Json,
    onResult: (result: Json) => void | Promise<void>,
    options: StreamCallOptions = {},
  ): Promise<void> {
    const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
    await this.#authenticated(options, async (headers) => {
      const fault: { error?: unknown } = {};
      const ended = new AbortController();
      const stop = () => ended.abort();
      options.signal?.addEventListener('abort', stop, { once: true });
      if (options.signal?.aborted) stop();
      const onLine = async (line: string) => {
        if ('error' in fault) return;
        try {
          await onResult(this.#result(line));
        } catch (error) {
          fault.error = error;
          ended.abort();
        }
      };
      try {
        const { text: rest, status } = await this.#exchange.stream(path, JSON.stringify(body), {
          deadlineMs,
          headers,
          signal: ended.signal,
          isEndless: options.isEndless === true,
          onLine,
        });
        if (!('error' in fault) && rest !== '') this.#read(rest, status);
      } catch (error) {
        if (!('error' in fault)) throw error;
      } finally {
        options.signal?.removeEventListener('abort', stop);
      }
      if ('error' in fault) throw fault.error;
    });
  }

  close(): void {
    this.#exchange.close();
  }

  async #authenticated<T>(options: CallOptions, ask: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const leader = options.isLocal ? {} : WITH_LEADER;
    const { credentials } = this.#options;
    if (credentials === undefined) return await ask(leader);
    const token = this.#tokenFor(credentials);
    try {
      return await ask({ ...leader, ...bearing(await token) });
    } catch (error) {
      if (!(error instanceof EtcdError && error.kind === 'unauthenticated')) throw error;
      if (this.#token === token) this.#token = undefined;
      return await ask({ ...leader, ...bearing(await this.#tokenFor(credentials)) });
    }
  }

  #tokenFor(credentials: Credentials): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    const token = this.#authenticate(credentials);
    this.#token = token;
    token.catch(() => {
      if (this.#token === token) this.#token = undefined;
    });
    return token;
  }

  async #authenticate({ user, password }: Credentials): Promise<string> {
    const body = JSON.stringify({ name: user, password });
    const options = { deadlineMs: AUTHENTICATE_DEADLINE_MS, headers: WITH_LEADER };
    try {
      const { text: answer, status } = await this.#exchange.post('/v3/auth/authenticate', body, options);
      return text(this.#read(answer, status), 'token');
    } catch (error) {
      // A cluster without authentication serves everybody who shows no token.
      if (error instanceof EtcdError && error.kind === 'refused') return '';
      throw error;
    }
  }

  #read(answer: string, status: number): Json {
    const body = this.#parse(answer, status);
    if (status === 200 && !('error' in body)) return body;
    const nested = body['error'];
    const fault = typeof nested === 'object' && nested !== null ? (nested as Json) : body;
    const message = text(fault, 'message') || text(fault, 'error') || `HTTP ${status}`;
    const code = whole(fault, 'code') || whole(fault, 'grpc_code');
    throw new EtcdError(faultOf(code, message), this.endpoint, `etcd at ${this.endpoint}: ${message}`);
  }

  #result(line: string): Json {
    const body = this.#read(line, 200);
    const result = body['result'];
    if (typeof result === 'object' && result !== null) return result as Json;
    throw this.#broken(line, 200);
  }

  #parse(answer: string, status: number): Json {
    const body = parseJson(answer);
    if (body === undefined) throw this.#broken(answer, status);
    return body;
  }

  #broken(answer: string, status: number): EtcdError {
    const start = JSON.stringify(answer.slice(0, 60));
    const what = `HTTP ${status} and ${start} is no answer of etcd's JSON gateway (etcd 3.4 or newer is needed)`;
    return new EtcdError('broken-answer', this.endpoint, `etcd at ${this.endpoint}: ${what}`);
  }
}

function bearing(token: string): Record<string, string> {
  return token === '' ? {} : { Authorization: token };
}
