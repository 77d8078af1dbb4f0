/**
 * What runs in the worker that all tabs of one page share: one line to Node-RED for all of them, as long as one of them asks.
 * A tab that is closed says nothing, and one that crashes or freezes cannot: who does not ask any more is forgotten.
 */
import type { Hello, PageEvent } from '../live-protocol';
import { Connection } from './connection';
import { type FromTab, LEASE_MS, type ToTab } from './shared-protocol';
import { steadyNow } from './steady-clock';
import type { StreamPermits } from './stream-permits';

interface Tab {
  readonly round: number;
  /** Of the page that it shows, or was sent in this round. */
  revision: string;
  readonly askedAt: number;
}

export class StreamHub {
  readonly #tabs = new Map<MessagePort, Tab>();
  #connection: Connection | undefined;
  /** What Node-RED said on this connection. */
  #build: string | undefined;
  #page: PageEvent | undefined;
  /** Of the newest page; before the first one that of the tab that came first. */
  #revision = '';

  constructor(
    readonly base: string,
    readonly permits: StreamPermits,
  ) {}

  join(port: MessagePort): void {
    port.addEventListener('message', ({ data }: MessageEvent<FromTab>) => this.#asked(port, data));
    port.start();
  }

  /** To be called every half second or so. */
  tick(): void {
    for (const [port, { askedAt }] of this.#tabs) if (steadyNow() - askedAt > LEASE_MS) this.#tabs.delete(port);
    if (this.#tabs.size === 0) {
      this.#connection?.close();
      this.#connection = undefined;
    }
    this.permits.tick(this.#connection !== undefined);
    if (this.#connection === undefined) return;
    this.#connection.mode = this.permits.isGranted ? 'stream' : 'poll';
    this.#connection.tick();
  }

  #asked(port: MessagePort, { round, revision }: FromTab): void {
    const before = this.#tabs.get(port);
    // What was sent in this round is on its way to a tab that asks with an older one.
    const shown = before?.round === round ? before.revision : revision;
    this.#tabs.set(port, { round, revision: shown, askedAt: steadyNow() });
    this.#connection ??= this.#connect(revision);
    // A tab that came, or whose computer woke or is online again: not a moment to wait for the next retry.
    if (before?.round !== round && this.#connection.state.kind === 'lost') this.#connection.wake();
    this.#tell(port);
  }

  #connect(revision: string): Connection {
    this.#build = undefined;
    this.#page = undefined;
    this.#revision = revision;
    const events = { hello: (hello: Hello) => this.#hello(hello), page: (page: PageEvent) => this.#newest(page) };
    return new Connection(this.base, () => this.#revision, events, this.permits.isGranted ? 'stream' : 'poll');
  }

  #hello({ build }: Hello): void {
    this.#build = build;
    this.#tellAll();
  }

  #newest(page: PageEvent): void {
    this.#page = page;
    this.#revision = page.revision;
    this.#tellAll();
  }

  #tellAll(): void {
    for (const port of this.#tabs.keys()) this.#tell(port);
  }

  #tell(port: MessagePort): void {
    const tab = this.#tabs.get(port);
    if (tab === undefined || this.#connection === undefined) return;
    const { state } = this.#connection;
    // Before it is certain to be the newest, a page is not told of: what the tab has may be newer.
    const isNews = state.kind === 'live' && tab.revision !== this.#revision;
    // Where another tab had it already, Node-RED sent nothing: without its text, a page is fetched.
    const page = isNews ? (this.#page ?? { revision: this.#revision }) : undefined;
    if (page) tab.revision = page.revision;
    const told: ToTab = { round: tab.round, build: this.#build, state, page };
    port.postMessage(told);
  }
}
