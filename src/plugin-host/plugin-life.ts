/**
 * One plugin's guest, from its file to its close: which state it is in, and which file it runs. A new file is prepared and
 * started beside the old one, which is called meanwhile, and takes over between two calls; one that cannot be used leaves the
 * old one running and is said once; one with the same bytes changes nothing. Where the old one is lost meanwhile, its
 * successor takes over as soon as it is there. The state moves by `plugin-state.ts` alone, and only here.
 */
import type { GuestCounts } from '../capabilities/guest-counts';
import { WasiError } from '../errors/wasi-error';
import type { PluginConfig } from '../host-config/host-config';
import { TemporaryFailure } from '../wasm/temporary-failure';
import type { GuestEffects } from './guest-effects';
import { type GuestStartSurroundings, GuestStarts } from './guest-starts';
import { type HandOver, handOver, handOverBetween } from './hand-over';
import { asWasiError, namedError, notCallable } from './plugin-error';
import { type LocatedComponent, mayGrow } from './plugin-files';
import type { PluginRole } from './plugin-role';
import { next, type PluginEvent, type PluginState } from './plugin-state';
import { RefusedFile } from './refused-file';
import type { RunningGuest } from './running-guest';

export interface LifeSurroundings extends GuestStartSurroundings {
  /** undefined: no file and nothing bundled. */
  locate(plugin: string): Promise<LocatedComponent | undefined>;
  /** ms since 1970, as the time stamps of files. */
  now(): number;
  /** ms since some moment, never backwards: a machine whose clock is set back must not rest for a day. */
  monotonic(): number;
}

export interface LifeListener {
  /** After every move of the state. */
  moved(): void;
  /** What a call that this life made for itself left behind, where its guest lives on. */
  kept(effects: GuestEffects): void;
  /** That a start failed or a guest was lost; before the state moves, since whoever hears of a state asks why. */
  failed(cause: WasiError): void;
}

/** Keys of no file at all, and of one in a folder that cannot be read. */
const NOWHERE = '';
const UNREADABLE = 'unreadable';
/**
 * Between two looks beside calls, which take 60 µs each of a poll's time. The folder's watcher tells of a change at once, where the
 * file system has one; these looks are for the others.
 */
const LOOK_EVERY_MS = 250;

export class PluginLife {
  #state: PluginState<RunningGuest>;
  #role: PluginRole['kind'] | 'unknown' = 'unknown';
  #refreshing: Promise<void> | undefined;
  /** The look that follows the one under way. */
  #following: Promise<void> | undefined;
  /** No call begins before it has settled. */
  #takingOver: Promise<unknown> | undefined;
  /** What is to happen between the call under way and the next. */
  #afterCall: (() => void) | undefined;
  /** Of the file that the guest came from or, without one, that was tried last. */
  #key = NOWHERE;
  readonly #refused = new RefusedFile();
  /** When somebody looked last, by the clock that nobody sets. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Aborted by `close`: nothing that starts outlives the plugin. */
  readonly #end = new AbortController();
  readonly #starts: GuestStarts;
  /** Of the component that ran last. */
  #digest: string | undefined;
  #restarts = 0;
  #reloads = 0;

  constructor(
    readonly config: PluginConfig,
    readonly around: LifeSurroundings,
    counts: GuestCounts,
    readonly listener: LifeListener,
  ) {
    this.#starts = new GuestStarts(config, around, counts, this.#end.signal);
    this.#state = config.enabled ? { kind: 'loading', failures: 0 } : { kind: 'disabled' };
  }

  get state(): PluginState<RunningGuest> {
    return this.#state;
  }

  /** Of the newest guest that ran; unknown until one did. */
  get role(): PluginRole['kind'] | 'unknown' {
    return this.#role;
  }

  /** How often a fresh instance of the same component took the place of the one before it. */
  get restarts(): number {
    return this.#restarts;
  }

  /** How often another component took over. */
  get reloads(): number {
    return this.#reloads;
  }

  /** Looks whether the file changed by now and starts or reloads if so, behind the look under way. Never rejects. */
  refresh(): Promise<void> {
    if (!this.#refreshing) return this.#refreshBy(() => this.#refreshNow());
    this.#following ??= this.#refreshing.then(() => {
      this.#following = undefined;
      return this.refresh();
    });
    return this.#following;
  }

  /** A fresh instance of the file that is there now, without the old one's state, also out of a back-off. Never rejects. */
  async renew(): Promise<void> {
    while (this.#refreshing) await this.#refreshing;
    return this.#refreshBy(() => this.#renewNow());
  }

  /**
   * Only the file that is there now is called from here on: what runs of another one is ended when its call is over, and
   * callers wait. Never rejects.
   */
  async startOver(): Promise<void> {
    while (this.#refreshing) await this.#refreshing;
    return this.#refreshBy(() => this.#startOverNow());
  }

  /**
   * Begins a call of the guest that runs, also while its successor is being prepared; `endCall` or `lost` is to follow. Beside
   * the call it is looked, every now and then, whether there is a newer file. `accept` throws for a guest that cannot be called like this. Throws
   * the cause where there is no guest, or PLUGIN_BACKOFF.
   */
  async beginCall(accept: (guest: RunningGuest) => void): Promise<RunningGuest> {
    while (this.#takingOver) await this.#takingOver;
    const running = this.#callable();
    const first = this.#state;
    if (!running) await this.#started();
    while (this.#takingOver) await this.#takingOver;
    const guest = this.#callable();
    if (!guest) {
      // Who waited for a start is told why it failed; who comes later, that the plugin rests.
      if (first.kind === 'loading' && this.#state.kind === 'backing-off') throw this.#state.cause;
      throw notCallable(this.config.name, this.#state, this.around.monotonic());
    }
    accept(guest);
    if (running && this.around.monotonic() - this.#lookedAt >= LOOK_EVERY_MS) void this.refresh();
    this.#move({ kind: 'call-started' });
    return guest;
  }

  endCall(): void {
    if (this.#state.kind === 'polling') this.#move({ kind: 'call-ended' });
  }

  lost(cause: WasiError): void {
    const state = this.#state;
    if (state.kind === 'closed') return;
    // It may be alive: a call that could not be sent did not reach it.
    if ('guest' in state) state.guest.close();
    this.listener.failed(cause);
    this.#move({ kind: 'guest-lost', cause, now: this.around.monotonic() });
    // The next poll finds a fresh instance, or waits a little for it.
    if (this.#state.kind === 'loading') void this.refresh();
  }

  async close(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closed') return;
    this.#move({ kind: 'closed' });
    this.#end.abort();
    if ('guest' in state) await state.guest.close();
    await this.#refreshing;
  }

  #refreshBy(look: () => Promise<void>): Promise<void> {
    this.#refreshing = look().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  #callable(): RunningGuest | undefined {
    const state = this.#state;
    if (state.kind !== 'ready' && state.kind !== 'reloading') return undefined;
    if (state.guest.alive) return state.guest;
    this.#lostBetweenCalls();
    return undefined;
  }

  /** When a guest is there, or none could be started. */
  async #started(): Promise<void> {
    // A look that began earlier may have missed what was copied, or which guest was lost, since.
    if (this.#refreshing) await this.#refreshing;
    if (!('guest' in this.#state)) await this.refresh();
  }

  #lostBetweenCalls(): void {
    this.lost(new WasiError('PLUGIN_TRAPPED', `${this.config.name}: its thread ended between two polls`));
  }

  async #refreshNow(): Promise<void> {
    const { kind } = this.#state;
    if (kind === 'disabled' || kind === 'closed') return;
    const look = await this.#look();
    if (look === UNREADABLE) return undefined;
    const { located } = look;
    const now = this.#state;
    switch (now.kind) {
      case 'loading':
        return this.#load(located);
      case 'polling':
        return this.#reloadIfChanged(now.guest, located);
      case 'ready':
        if (now.guest.alive) return this.#reloadIfChanged(now.guest, located);
        this.#lostBetweenCalls();
        return this.#state.kind === 'loading' ? this.#load(located) : undefined;
      case 'backing-off':
        if (keyOf(located) !== this.#key) this.#move({ kind: 'file-changed' });
        else if (now.retry.when === 'time' && this.around.monotonic() >= now.retry.at) this.#move({ kind: 'retried' });
        else return;
        return this.#load(located);
      default:
        return;
    }
  }

  async #renewNow(): Promise<void> {
    if (this.#state.kind === 'backing-off') this.#move({ kind: 'asked-anew' });
    if (!('guest' in this.#state)) return this.#refreshNow();
    const look = await this.#look();
    if (look === UNREADABLE) return undefined;
    const { located } = look;
    const now = this.#state;
    if (!('guest' in now)) return this.#refreshNow();
    if (!located) return this.#refuse(NOWHERE, 'its file is gone; the running one goes on until it is closed');
    return this.#replaceFresh(now.guest, located);
  }

  async #startOverNow(): Promise<void> {
    await this.#whenNoCall(async () => {
      const state = this.#state;
      if (state.kind !== 'ready') return;
      this.#move({ kind: 'discarded' });
      await state.guest.close();
    });
    return this.#refreshNow();
  }

  async #replaceFresh(old: RunningGuest, located: LocatedComponent): Promise<void> {
    this.#move({ kind: 'reload-started' });
    try {
      await this.#betweenCalls(await this.#starts.fresh(located), located, 'fresh');
      await this.#succeeded(old, 'a fresh instance took over');
    } catch (error) {
      if (!this.#isReloading()) return;
      const cause = asWasiError(error, this.config.name);
      this.listener.failed(cause);
      this.#keepOld();
      this.#refuse(
        located.key,
        `no fresh instance could be had and the old one goes on. ${cause.code}: ${cause.sentence}`,
        cause.hostToml,
      );
    }
  }

  /** The file that is there now; what came of a folder that cannot be read is seen to. */
  async #look(): Promise<{ readonly located: LocatedComponent | undefined } | typeof UNREADABLE> {
    this.#lookedAt = this.around.monotonic();
    try {
      return { located: await this.around.locate(this.config.name) };
    } catch (error) {
      this.#unreadable(error);
      return UNREADABLE;
    }
  }

  #unreadable(error: unknown): void {
    const cause = namedError(error, this.config.name);
    if (this.#state.kind === 'loading') {
      this.#key = UNREADABLE;
      this.#loadFailed(cause, 'error');
    } else if ('guest' in this.#state && !this.#refused.is(UNREADABLE)) {
      this.#refuse(
        UNREADABLE,
        `the running one goes on, and a new file is not noticed. ${cause.code}: ${cause.sentence}`,
      );
    }
  }

  async #load(located: LocatedComponent | undefined): Promise<void> {
    this.#key = keyOf(located);
    try {
      if (!located) {
        throw new WasiError(
          'PLUGIN_NOT_FOUND',
          `there is no plugin ${this.config.name}: put ${this.config.name}.wasm into the plugin folder`,
        );
      }
      await this.#takeOver(await this.#starts.fresh(located), located);
    } catch (error) {
      const isCopied = this.#state.kind === 'loading' && (await this.#isStillCopied(located));
      if (this.#state.kind === 'loading') this.#loadFailed(error, isCopied ? 'debug' : 'error');
    }
  }

  /** What came of a file that is another one by now is no news. */
  async #isStillCopied(tried: LocatedComponent | undefined): Promise<boolean> {
    if (mayGrow(tried, this.around.now())) return true;
    const look = await this.#look();
    if (look === UNREADABLE || keyOf(look.located) === keyOf(tried)) return false;
    void this.refresh();
    return true;
  }

  #loadFailed(error: unknown, level: 'debug' | 'error'): void {
    const cause = asWasiError(error, this.config.name);
    this.listener.failed(cause);
    this.#move({ kind: 'load-failed', cause, now: this.around.monotonic() });
    this.around.log(this.config.name, level, `${cause.code}: ${cause.sentence}`, cause.hostToml);
  }

  async #reloadIfChanged(old: RunningGuest, located: LocatedComponent | undefined): Promise<void> {
    const key = keyOf(located);
    if (key === this.#key) {
      this.#refused.forget();
      return;
    }
    if (this.#refused.rests(key, this.around.monotonic())) return;
    if (!located) {
      this.#refuse(key, 'its file is gone; the running one goes on until it is closed');
      return;
    }
    this.#move({ kind: 'reload-started' });
    try {
      const guest = await this.#starts.unlessSame(old.digest, located);
      if (guest === 'unchanged') {
        this.#keepOld();
        this.#key = key;
        this.#refused.forget();
        return;
      }
      const outcome = await this.#betweenCalls(guest, located, 'with-state');
      if (outcome === 'lost') await this.#betweenCalls(await this.#starts.fresh(located), located, 'fresh');
      await this.#succeeded(old, 'a new file took over');
    } catch (error) {
      const isCopied = this.#isReloading() && (await this.#isStillCopied(located));
      if (!this.#isReloading()) return;
      const cause = asWasiError(error, this.config.name);
      this.#keepOld();
      const why = `its new file cannot be used and the old one goes on. ${cause.code}: ${cause.sentence}`;
      if (isCopied) this.#refused.mayGrow(key);
      else if (!(cause instanceof TemporaryFailure)) this.#refuse(key, why, cause.hostToml);
      else if (this.#refused.forAWhile(key, this.around.monotonic())) this.around.log(this.config.name, 'warn', why);
    }
  }

  /** Now, or as soon as the call under way is over: before the next one begins. */
  #whenNoCall<T>(task: () => Promise<T>): Promise<T> {
    if (this.#state.kind !== 'polling') return task();
    return new Promise((resolve) => {
      this.#afterCall = () => resolve(task());
    });
  }

  /** `lost`: it did not survive the hand-over, and nobody took over. */
  #betweenCalls(fresh: RunningGuest, located: LocatedComponent, how: 'fresh' | 'with-state'): Promise<'over' | 'lost'> {
    return this.#whenNoCall(() => {
      const taking = this.#succeed(fresh, located, how);
      this.#takingOver = taking.finally(() => {
        this.#takingOver = undefined;
      });
      return this.#takingOver.then(() => taking);
    });
  }

  async #succeed(
    fresh: RunningGuest,
    located: LocatedComponent,
    how: 'fresh' | 'with-state',
  ): Promise<'over' | 'lost'> {
    const state = this.#state;
    const between = state.kind === 'reloading' && how === 'with-state' && handOverBetween(state.guest, fresh);
    if (between) {
      this.#move({ kind: 'hand-over-started' });
      await this.#handOver(between);
      if (!fresh.alive && this.#isReloading()) {
        this.#move({ kind: 'hand-over-failed' });
        return 'lost';
      }
    }
    await this.#takeOver(fresh, located);
    return 'over';
  }

  async #handOver(between: HandOver): Promise<void> {
    const { signal } = this.#end;
    const giveUp = () => void between.fresh.close();
    signal.addEventListener('abort', giveUp);
    const failure = await handOver(between, (effects) => this.listener.kept(effects));
    signal.removeEventListener('abort', giveUp);
    if (failure === undefined || !this.#isReloading()) return;
    const why = `the new file starts with fresh state, since handing over failed: ${failure}`;
    this.around.log(this.config.name, 'warn', why);
  }

  /** Whatever became of the old one since. A plugin that was closed meanwhile takes nobody. */
  async #takeOver(guest: RunningGuest, located: LocatedComponent): Promise<void> {
    if (this.#state.kind === 'closed') return guest.close();
    // The old one was lost, over and over, while this one was prepared.
    if (this.#state.kind === 'backing-off') this.#move({ kind: 'file-changed' });
    this.#refused.forget();
    this.#key = located.key;
    this.#count(guest.digest);
    this.#role = guest.role.kind;
    this.#move({ kind: 'loaded', guest, now: this.around.monotonic() });
  }

  async #succeeded(old: RunningGuest, text: string): Promise<void> {
    await old.close();
    if (this.#state.kind !== 'closed') this.around.log(this.config.name, 'info', text);
  }

  #isReloading(): boolean {
    const state = this.#state;
    return state.kind === 'reloading' || (state.kind === 'polling' && state.after === 'reloading');
  }

  #count(digest: string): void {
    if (this.#digest === digest) this.#restarts += 1;
    else if (this.#digest !== undefined) this.#reloads += 1;
    this.#digest = digest;
  }

  /** Unless the plugin was closed, or the old one was lost, meanwhile. */
  #keepOld(): void {
    if (this.#isReloading()) this.#move({ kind: 'old-kept' });
  }

  #refuse(key: string, why: string, hostToml?: string): void {
    this.#refused.forGood(key);
    this.around.log(this.config.name, 'warn', why, hostToml);
  }

  #move(event: PluginEvent<RunningGuest>): void {
    this.#state = next(this.#state, event);
    this.listener.moved();
    if (this.#state.kind === 'polling') return;
    const afterCall = this.#afterCall;
    this.#afterCall = undefined;
    afterCall?.();
  }
}

function keyOf(located: LocatedComponent | undefined): string {
  return located?.key ?? NOWHERE;
}
