/**
 * The shell's line to Node-RED: server-sent events that may end or fall silent at any time, while a laptop sleeps, a flow is
 * deployed, a proxy gives up or somebody must log in again. Reconnects with back-off, at once when the browser wakes or
 * comes online; what it was sent last it says, so that the same page is not sent again.
 */
import { EVENTS_PATH, HEARTBEAT_MS, type Hello, type PageEvent } from '../live-protocol';

/** Two heartbeats and a half. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
/** So that many browsers do not come back in the same moment. */
const SPREAD = 0.3;

export type Trouble = 'gone' | 'login' | 'full';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `since`: ms since 1970, when it was last heard of. */
  | { readonly kind: 'lost'; readonly since: number; readonly trouble: Trouble };

export interface ConnectionEvents {
  hello(hello: Hello): void;
  page(page: PageEvent): void;
}

export class Connection {
  #state: ConnectionState = { kind: 'connecting' };
  #source: EventSource | undefined;
  #heardAt = Date.now();
  #openedAt = 0;
  #retryAt = 0;
  #failures = 0;

  /** `base` ends with a slash; `revision`: of the page that is shown already. */
  constructor(
    readonly base: string,
    public revision: string,
    readonly events: ConnectionEvents,
  ) {
    this.#open();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** To be called every half second or so. A clock that was set back must not hold a retry up for hours. */
  tick(): void {
    const now = Date.now();
    if (this.#source) {
      const quietSince = Math.max(this.#heardAt, this.#openedAt);
      if (now - quietSince > SILENCE_MS || now < quietSince - SILENCE_MS) this.lose();
    } else if (now >= this.#retryAt || this.#retryAt - now > 2 * LONGEST_RETRY_MS) this.#open();
  }

  /** The browser is back from sleep or online again: not a moment to wait for the next retry. */
  wake(): void {
    this.#retryAt = 0;
    this.tick();
  }

  /** What it brought could not be used: have it brought again. */
  lose(): void {
    const url = this.#source?.url;
    this.#source?.close();
    this.#source = undefined;
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retryAt = Date.now() + wait * (1 + SPREAD * Math.random());
    const before = this.#state;
    const trouble = before.kind === 'lost' ? before.trouble : 'gone';
    this.#state = { kind: 'lost', since: before.kind === 'lost' ? before.since : this.#heardAt, trouble };
    if (url !== undefined) void this.#findTrouble(url);
  }

  #open(): void {
    this.#openedAt = Date.now();
    const source = new EventSource(`${this.base}${EVENTS_PATH}?page&revision=${encodeURIComponent(this.revision)}`);
    this.#source = source;
    source.addEventListener('error', () => {
      if (source === this.#source) this.lose();
    });
    source.addEventListener('hello', ({ data }) => {
      this.#heard();
      this.#failures = 0;
      this.#state = { kind: 'live' };
      this.events.hello(JSON.parse(data));
    });
    source.addEventListener('alive', () => this.#heard());
    source.addEventListener('page', ({ data }) => {
      this.#heard();
      this.events.page(JSON.parse(data));
    });
  }

  #heard(): void {
    this.#heardAt = Date.now();
  }

  /** An EventSource does not say why it ended. */
  async #findTrouble(url: string): Promise<void> {
    const trouble = await fetch(url, {
      method: 'HEAD',
      cache: 'no-store',
      signal: AbortSignal.timeout(SILENCE_MS),
    }).then(troubleOf, (): Trouble => 'gone');
    if (this.#state.kind === 'lost') this.#state = { ...this.#state, trouble };
  }
}

function troubleOf({ status, redirected, headers }: Response): Trouble {
  if (status === 401 || status === 403 || redirected) return 'login';
  return status === 503 && headers.has('Retry-After') ? 'full' : 'gone';
}
