/**
 * A line to Node-RED: server-sent events that may end or fall silent at any time, while a laptop sleeps, a flow is
 * deployed, a proxy gives up or somebody must log in again. Reconnects with backoff, at once when the browser wakes or
 * comes online; what it was sent last it says, so that the same page is not sent again.
 *
 * A stream holds one of the six connections that a browser opens to a host by HTTP/1.1. So only the worker that all tabs
 * share has one; who has no such worker polls: the same request, which Node-RED ends once it has told what is the newest.
 */
import { type Backoff, backoffMs } from '../../platform/backoff';
import { EVENTS_PATH, HEARTBEAT_MS, type PageEvent } from '../live-protocol';
import type { PageSource, SourceEvents, SourceState, Trouble } from './page-source';
import { steadyNow } from './steady-clock';

/** Two heartbeats and a half. */
export const SILENCE_MS = 2.5 * HEARTBEAT_MS;
const POLL_EVERY_MS = HEARTBEAT_MS;
const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 15_000 };
/** So that many browsers do not come back in the same moment. */
const SPREAD = 0.3;

export type ConnectionMode = 'stream' | 'poll';

export class Connection implements PageSource {
  #state: SourceState = { kind: 'updating', since: Date.now() };
  #source: EventSource | undefined;
  #mode: ConnectionMode;
  /** Of `steadyNow`, as all times but `since`. */
  #heardAt = steadyNow();
  #heardDate = Date.now();
  /** Undefined: not before `wake`. */
  #openAt: number | undefined;
  #failures = 0;

  /** `base` ends with a slash; `revision`: of the page that is shown already. */
  constructor(
    readonly base: string,
    readonly revision: () => string,
    readonly events: SourceEvents,
    mode: ConnectionMode,
  ) {
    this.#mode = mode;
    this.#open();
  }

  get state(): SourceState {
    return this.#state;
  }

  set mode(mode: ConnectionMode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    // What is under way is heard to its end where that comes by itself.
    if (mode === 'stream' && this.#source) return;
    this.#hangUp();
    this.#openAt = steadyNow();
  }

  tick(): void {
    if (this.#source) {
      if (this.#isSilent()) this.#lose();
    } else if (this.#openAt !== undefined && steadyNow() >= this.#openAt) this.#open();
  }

  rest(): void {
    this.#hangUp();
    this.#openAt = undefined;
    this.#isNotCertain();
  }

  wake(): void {
    this.#openAt = steadyNow();
    this.tick();
  }

  repeat(): void {
    this.#hangUp();
    this.#openAt = steadyNow() + BACKOFF.firstMs;
    this.#isNotCertain();
  }

  close(): void {
    this.#hangUp();
    this.#openAt = undefined;
  }

  #hangUp(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  #isNotCertain(): void {
    if (this.#state.kind === 'live') this.#state = { kind: 'updating', since: this.#heardDate };
  }

  #lose(): void {
    const url = this.#source?.url;
    this.#hangUp();
    this.#failures += 1;
    const wait = backoffMs(BACKOFF, this.#failures);
    this.#openAt = steadyNow() + wait * (1 + SPREAD * Math.random());
    const before = this.#state;
    const trouble = before.kind === 'lost' ? before.trouble : 'gone';
    this.#state = { kind: 'lost', since: before.kind === 'live' ? this.#heardDate : before.since, trouble };
    if (url !== undefined) void this.#findTrouble(url);
  }

  #open(): void {
    this.#heardAt = steadyNow();
    const once = this.#mode === 'poll' ? '&once' : '';
    const asked = `?page&revision=${encodeURIComponent(this.revision())}${once}`;
    const source = new EventSource(`${this.base}${EVENTS_PATH}${asked}`);
    this.#source = source;
    let isTold = false;
    source.addEventListener('error', () => {
      if (source !== this.#source) return;
      if (isTold && once !== '') this.#isAnswered();
      else this.#lose();
    });
    const on = (name: string, take: (data: string) => void): void =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (source !== this.#source) return;
        // It lay here while the computer slept: what it says was the newest then.
        if (this.#isSilent()) this.#lose();
        else {
          this.#heardAt = steadyNow();
          take(data);
        }
      });
    const told = (): void => {
      isTold = true;
      this.#heardDate = Date.now();
      this.#state = { kind: 'live' };
    };
    on('hello', (data) => {
      this.#failures = 0;
      if (this.#state.kind === 'lost') this.#state = { kind: 'updating', since: this.#state.since };
      this.events.hello(JSON.parse(data));
    });
    on('alive', () => {
      this.#heardDate = Date.now();
    });
    on('current', told);
    on('page', (data) => {
      const page: PageEvent = JSON.parse(data);
      told();
      this.events.page(page);
    });
  }

  /** Node-RED ended what was to end. */
  #isAnswered(): void {
    this.#hangUp();
    this.#openAt = steadyNow() + (this.#mode === 'poll' ? POLL_EVERY_MS : 0);
  }

  #isSilent(): boolean {
    return steadyNow() - this.#heardAt > SILENCE_MS;
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
