/**
 * One etcd member, asked through its JSON gateway (etcd's grpc-gateway, `/v3/…`, since 3.4). Calls carry the user's token,
 * which is asked for when it is first needed and again when the member no longer knows it (it forgets tokens when it
 * restarts, and after five minutes), and ask for a leader: a member that has none says so at once instead of waiting seven
 * seconds. Throws EtcdError.
 *
 * A user over TLS client certificates alone is not possible here: etcd ignores the certificate's name in requests through
 * its gateway (etcd's doc "Authentication", "Using TLS Common Name"), so that rights need user and password.
 */
import {
  accessAdvice,
  COMMON_NAME_ADVICE,
  COMMON_NAME_WHY,
  isCommonNameRefusal,
  isPlainOnTls,
  PLAIN_ON_TLS_ADVICE,
} from './access-fault';
import { EtcdError, faultOf } from './etcd-error';
import { type Answer, JsonExchange } from './json-exchange';
import { isJson, type Json, parseJson, text, WrongField } from './json-fields';
import type { ResponseBudget } from './response-budget';
import { gatewayFault, headerOf } from './responses';
import type { TlsMaterial } from './tls-material';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** To which cluster members belong that are used as one. */
export interface ClusterCheck {
  /** In decimal; undefined until one has responded. */
  readonly clusterId: string | undefined;
  /** Throws `other-cluster` for a member that is not to be used. */
  admit(endpoint: string, clusterId: string): Promise<void>;
}

export interface MemberOptions {
  readonly tls?: TlsMaterial | undefined;
  readonly credentials?: Credentials | undefined;
  /** Of a call that names none. */
  readonly deadlineMs?: number;
  /** Where there is one, a member is asked for its cluster before anything else on each new connection. */
  readonly cluster?: ClusterCheck;
  /** Shared with others. */
  readonly budget?: ResponseBudget;
  /** Of what works, and not as it was meant. */
  onWarning?(text: string): void;
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

interface Identified {
  readonly clusterId: string;
  /** Of the exchange, then. */
  readonly connectionEvents: number;
}

/** Every member tells it, learners and those without a leader too, and to everybody. */
export const STATUS_PATH = '/v3/maintenance/status';
/** A member on an SD card that syncs beside us takes some 100 ms. */
const DEADLINE_MS = 2_000;
/** It compares a bcrypt hash: some 70 ms on a PC, a second on a Pi Zero. */
const AUTHENTICATE_DEADLINE_MS = 5_000;
/** grpc-gateway hands on what begins so; etcd's name for it is rpctypes.MetadataRequireLeaderKey. */
const WITH_LEADER = { 'Grpc-Metadata-hasleader': 'true' };
/** Whose responses hold keys and values. */
const HAVE_VALUES: ReadonlySet<string> = new Set(['/v3/kv/range', '/v3/kv/txn', '/v3/watch']);
const SHOWN_CHARS = 60;

export class EtcdMember {
  readonly #exchange: JsonExchange;
  readonly #options: MemberOptions;
  #token: Promise<string> | undefined;
  #identified: Identified | undefined;
  #identifying: Promise<void> | undefined;
  #hasTold = false;

  constructor(
    readonly endpoint: string,
    options: MemberOptions = {},
  ) {
    this.#exchange = new JsonExchange(endpoint, options.tls, options.budget);
    this.#options = options;
  }

  /** What `read` makes of the response; where it throws WrongField, the response is none of etcd's. */
  async ask<T>(path: string, body: Json, read: (response: Json) => T, options: CallOptions = {}): Promise<T> {
    const leftMs = await this.#identify(options);
    return await this.#authenticated(options, async (headers) => {
      const { signal } = options;
      const exchange = { deadlineMs: leftMs, headers, signal, mayBeLarge: HAVE_VALUES.has(path) };
      const answer = await this.#exchange.post(path, JSON.stringify(body), exchange);
      return this.#reading(answer, () => read(this.#response(path, answer)));
    });
  }

  async call(path: string, body: Json, options: CallOptions = {}): Promise<Json> {
    return await this.ask(path, body, (response) => response, options);
  }

  /** As it is now, whether it may be used or not. */
  async clusterId(options: CallOptions = {}): Promise<string> {
    const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
    const answer = await this.#exchange.post(STATUS_PATH, '{}', { deadlineMs, signal: options.signal });
    return this.#reading(answer, () => headerOf(STATUS_PATH, this.#body(answer))?.clusterId ?? '');
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
    const leftMs = await this.#identify(options);
    await this.#authenticated(options, async (headers) => {
      const fault: { error?: unknown } = {};
      let lines = 0;
      const ended = new AbortController();
      const stop = () => ended.abort();
      options.signal?.addEventListener('abort', stop, { once: true });
      if (options.signal?.aborted) stop();
      const onLine = async (answer: Answer) => {
        if ('error' in fault) return;
        lines += 1;
        try {
          await this.#readingLine(answer, () => onResult(this.#result(path, answer)));
        } catch (error) {
          fault.error = error;
          ended.abort();
        }
      };
      try {
        const rest = await this.#exchange.stream(path, JSON.stringify(body), {
          deadlineMs: leftMs,
          headers,
          signal: ended.signal,
          isEndless: options.isEndless === true,
          mayBeLarge: HAVE_VALUES.has(path),
          onLine,
        });
        if (!('error' in fault) && rest.text !== '') this.#reading(rest, () => this.#result(path, rest));
        else if (lines === 0) throw this.#broken(rest);
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

  /** Returns what is left of the deadline. */
  async #identify(options: CallOptions): Promise<number> {
    const { cluster } = this.#options;
    const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
    if (cluster === undefined || this.#isIdentified(cluster)) return deadlineMs;
    const begunAt = performance.now();
    this.#identifying ??= this.#askWhoItIs(cluster, deadlineMs).finally(() => {
      this.#identifying = undefined;
    });
    await unlessAborted(this.#identifying, options.signal, () => this.#closed());
    return Math.max(1, Math.round(deadlineMs - (performance.now() - begunAt)));
  }

  #isIdentified({ clusterId }: ClusterCheck): boolean {
    const identified = this.#identified;
    if (identified === undefined || identified.clusterId !== clusterId) return false;
    return identified.connectionEvents === this.#exchange.connectionEvents;
  }

  async #askWhoItIs(cluster: ClusterCheck, deadlineMs: number): Promise<void> {
    this.#identified = undefined;
    const clusterId = await this.clusterId({ deadlineMs });
    const { connectionEvents } = this.#exchange;
    await cluster.admit(this.endpoint, clusterId);
    this.#identified = { clusterId, connectionEvents };
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
    const path = '/v3/auth/authenticate';
    const body = JSON.stringify({ name: user, password });
    const options = { deadlineMs: AUTHENTICATE_DEADLINE_MS, headers: WITH_LEADER };
    try {
      const answer = await this.#exchange.post(path, body, options);
      return this.#reading(answer, () => text(this.#response(path, answer), 'token'));
    } catch (error) {
      // A cluster without authentication serves everybody who shows no token.
      if (!(error instanceof EtcdError && error.kind === 'refused')) throw error;
      this.#tellOnce(
        `etcd at ${this.endpoint} does not ask for users: [cluster] user = "${user}" has no effect, and whoever reaches it may ` +
          'do everything, until an administrator types etcdctl auth enable (docs/cluster.md, Users and passwords)',
      );
      return '';
    }
  }

  #tellOnce(warning: string): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    this.#options.onWarning?.(warning);
  }

  /** Throws what the member says is wrong; WrongField for what is none of its responses. */
  #response(path: string, answer: Answer): Json {
    const body = this.#body(answer);
    this.#checkHeader(path, body);
    return body;
  }

  #result(path: string, answer: Answer): Json {
    const result = this.#body(answer)['result'];
    if (!isJson(result)) throw this.#broken(answer);
    this.#checkHeader(path, result);
    return result;
  }

  #checkHeader(path: string, response: Json): void {
    const header = headerOf(path, response);
    const known = this.#options.cluster?.clusterId;
    if (header === undefined || known === undefined || header.clusterId === known) return;
    // What was asked has happened there; nothing more is until it was admitted.
    this.#identified = undefined;
    const ids = `cluster ${hexadecimal(header.clusterId)} and not ${hexadecimal(known)}`;
    throw new EtcdError('other-cluster', this.endpoint, `etcd at ${this.endpoint}: it responds for ${ids}`);
  }

  #body(answer: Answer): Json {
    const body = parseJson(answer.text);
    if (body === undefined) throw this.#broken(answer);
    if (answer.status === 200 && !('error' in body)) return body;
    // A stream may fail after it has begun with 200.
    const isError = answer.status >= 400 || (answer.status === 200 && isJson(body['error']));
    const fault = isError ? gatewayFault(body) : undefined;
    if (fault === undefined) throw this.#broken(answer);
    const kind = faultOf(fault.code, fault.message);
    const advice = accessAdvice(kind, fault.message, this.#options.credentials?.user);
    throw new EtcdError(kind, this.endpoint, `etcd at ${this.endpoint}: ${fault.message}`, { advice });
  }

  #reading<T>(answer: Answer, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#ofMember(error, answer);
    }
  }

  async #readingLine(answer: Answer, read: () => void | Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      throw this.#ofMember(error, answer);
    }
  }

  #ofMember(error: unknown, answer: Answer): unknown {
    return error instanceof WrongField ? this.#broken(answer, error.message) : error;
  }

  /** `what` is wrong with it, where it looks like one. */
  #broken({ text: told, status, location }: Answer, what = ''): EtcdError {
    const at = `etcd at ${this.endpoint}:`;
    if (isCommonNameRefusal(told)) {
      return new EtcdError('denied', this.endpoint, `${at} ${COMMON_NAME_WHY}`, { advice: COMMON_NAME_ADVICE });
    }
    if (isPlainOnTls(told)) {
      const why = `${at} the port speaks TLS, and was asked without (HTTP ${status})`;
      return new EtcdError('broken-answer', this.endpoint, why, { advice: PLAIN_ON_TLS_ADVICE });
    }
    if (location !== '') {
      const why = `${at} it redirects to ${JSON.stringify(location.slice(0, SHOWN_CHARS))} (HTTP ${status}), which etcd never does`;
      return new EtcdError('broken-answer', this.endpoint, why);
    }
    const start = `HTTP ${status} and ${JSON.stringify(told.slice(0, SHOWN_CHARS))}`;
    const why =
      what === ''
        ? `${at} ${start} is no answer of etcd's JSON gateway (etcd 3.4 or newer is needed)`
        : `${at} its response ${what}: ${start} is no answer of etcd's JSON gateway`;
    return new EtcdError('broken-answer', this.endpoint, why);
  }

  #closed(): EtcdError {
    return new EtcdError('closed', this.endpoint, `etcd at ${this.endpoint}: it was given up`);
  }
}

/** As etcdctl shows ids. */
export function hexadecimal(id: string): string {
  return BigInt(id).toString(16);
}

function bearing(token: string): Record<string, string> {
  return token === '' ? {} : { Authorization: token };
}

function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined, fault: () => EtcdError): Promise<void> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(fault());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
