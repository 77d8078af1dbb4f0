/**
 * The page of one dashboard node, rendered when it would look different and somebody looks, and not otherwise.
 *
 * While it is watched: 100 ms after a change, at most twice a second, once for all who watch; and every 30 s without a change,
 * as what was read grows old, too. Unwatched: never by itself. `current` gives the page to a request: the one there is if
 * nothing changed since, else the next one, which everyone who asks meanwhile shares.
 *
 * A render that fails gives a page that says so; it is tried again on every change and every 5 s while it is watched. Nothing
 * here rejects. After `close` nothing is rendered and no timer is left.
 */
import { type ErrorFacts, errorFacts, WasiError } from '../errors/wasi-error';
import { failedPage, type Page, pageToCome, renderedPage, revisionInPieces } from './page';

export interface Clock {
  /** ms, never going back. */
  now(): number;
  /** Returns how to call it off. */
  after(ms: number, then: () => void): () => void;
}

export interface LivePageParts {
  readonly plugin: string;
  /** null: the plugin is disabled. */
  readonly render: () => Promise<string | null>;
  readonly clock: Clock;
  /** Each page that looks different from the one before it. */
  readonly onPage: (page: Page) => void;
}

/** What one action changes comes as several events: a state, readings, LEDs, lines. */
const GATHER_MS = 100;
/** Twice a second is as fast as anybody reads. */
const MIN_INTERVAL_MS = 500;
/** Ages and "stale" marks of a page may be wrong by this much where no script of its own counts on. */
const MAX_AGE_MS = 30_000;
/** A resting plugin is started anew by whoever asks for it. */
const RETRY_MS = 5_000;
/** Reverse proxies give up after 3 s (RevPi's does). */
const ANSWER_WITHIN_MS = 2_500;

interface Made {
  readonly page: Page;
  /** How many changes there were when its render started. */
  readonly seen: number;
  readonly startedAt: number;
}

interface Running {
  readonly seen: number;
  readonly page: Promise<Page>;
}

interface Plan {
  readonly at: number;
  readonly cancel: () => void;
}

export class LivePage {
  #changes = 0;
  #made: Made | undefined;
  #running: Running | undefined;
  /** The next render, asked for and not yet started: shared by all who want one. */
  #next: Promise<Page> | undefined;
  #lastStart = Number.NEGATIVE_INFINITY;
  #plan: Plan | undefined;
  readonly #watchers = new Set<symbol>();
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(readonly parts: LivePageParts) {}

  /** What the page shows is not what holds any more. */
  changed(): void {
    this.#changes += 1;
    this.#makePlan();
  }

  /** Somebody looks, until the function that is returned is called. */
  watch(): () => void {
    const watcher = Symbol('watcher');
    this.#watchers.add(watcher);
    this.#makePlan();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#dropPlan();
    };
  }

  /** The newest page within 2.5 s; else the one before it, or one that says that it is on its way. */
  async current(): Promise<Page> {
    const made = this.#made;
    if (made && this.#isFresh(made)) return made.page;
    const late = this.#pause(ANSWER_WITHIN_MS);
    const page = await Promise.race([this.#soon(), late.over]);
    late.end();
    return page ?? this.#made?.page ?? pageToCome(this.parts.plugin);
  }

  /** The newest page, however long it takes: not the one before it. What failed is tried again no sooner than for watchers. */
  async newest(): Promise<Page> {
    const made = this.#made;
    if (made?.seen === this.#changes && this.parts.clock.now() < this.#dueAt()) return made.page;
    return this.#soon();
  }

  close(): void {
    this.#closed = true;
    this.#watchers.clear();
    this.#dropPlan();
    for (const end of [...this.#pauses]) end();
  }

  /** Whether a request may be answered with it. A failure is looked into again each time. */
  #isFresh({ page, seen, startedAt }: Made): boolean {
    return page.kind === 'rendered' && seen === this.#changes && this.parts.clock.now() - startedAt < MAX_AGE_MS;
  }

  #makePlan(): void {
    if (this.#closed || this.#watchers.size === 0) return;
    const at = this.#dueAt();
    if (this.#plan && this.#plan.at <= at) return;
    this.#dropPlan();
    const { clock } = this.parts;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      this.#plan = undefined;
      void this.#soon();
    });
    this.#plan = { at, cancel };
  }

  #dueAt(): number {
    const made = this.#made;
    const now = this.parts.clock.now();
    if (made === undefined || made.seen !== this.#changes) {
      return Math.max(now + (made === undefined ? 0 : GATHER_MS), this.#lastStart + MIN_INTERVAL_MS);
    }
    return made.startedAt + (made.page.kind === 'rendered' ? MAX_AGE_MS : RETRY_MS);
  }

  #dropPlan(): void {
    this.#plan?.cancel();
    this.#plan = undefined;
  }

  /** The render under way if it sees every change, else the next one. */
  #soon(): Promise<Page> {
    if (this.#running?.seen === this.#changes) return this.#running.page;
    this.#next ??= this.#whenAllowed().then(() => {
      this.#next = undefined;
      const running = { seen: this.#changes, page: this.#render() };
      this.#running = running;
      return running.page;
    });
    return this.#next;
  }

  async #whenAllowed(): Promise<void> {
    await this.#running?.page;
    const wait = this.#lastStart + MIN_INTERVAL_MS - this.parts.clock.now();
    if (wait > 0) await this.#pause(wait).over;
  }

  async #render(): Promise<Page> {
    const seen = this.#changes;
    const startedAt = this.parts.clock.now();
    this.#lastStart = startedAt;
    // What was planned before this render is what it does.
    this.#dropPlan();
    const page = await this.#page();
    const before = this.#made?.page.revision;
    this.#made = { page, seen, startedAt };
    this.#running = undefined;
    if (page.revision !== before && !this.#closed) this.parts.onPage(page);
    this.#makePlan();
    return page;
  }

  async #page(): Promise<Page> {
    const { plugin } = this.parts;
    try {
      if (this.#closed) throw new WasiError('RUNTIME_CLOSED', 'this dashboard node was closed; reload the page');
      const html = await this.parts.render();
      return html === null
        ? failedPage(plugin, disabled(plugin))
        : renderedPage(plugin, html, await revisionInPieces(html));
    } catch (error) {
      return failedPage(plugin, errorFacts(error, 'PLUGIN_ERROR'));
    }
  }

  /** `over` settles after `ms`, when it is ended, or when this is closed. */
  #pause(ms: number): { readonly over: Promise<undefined>; readonly end: () => void } {
    let end: () => void = () => undefined;
    const over = new Promise<undefined>((resolve) => {
      const cancel = this.parts.clock.after(ms, () => end());
      end = () => {
        cancel();
        this.#pauses.delete(end);
        resolve(undefined);
      };
      if (this.#closed) end();
      else this.#pauses.add(end);
    });
    return { over, end };
  }
}

function disabled(plugin: string): ErrorFacts {
  return {
    code: 'PLUGIN_NOT_FOUND',
    message: `plugin ${plugin} is disabled: set enabled = true in [plugins.${plugin}] of host.toml and deploy`,
  };
}
