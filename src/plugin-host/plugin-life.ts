/**
 * One plugin's guest, from its file to its close: which state it is in, and which file it runs. A new file is started
 * beside the old one and takes over between two calls; one that cannot be used leaves the old one running and is said
 * once; one with the same bytes changes nothing. The state moves by `plugin-state.ts` alone, and only here.
 */
import type { GuestCounts } from '../capabilities/guest-counts';
import { WasiError } from '../errors';
import type { PluginConfig } from '../host-config/host-config';
import { DiskFailure } from '../wasm/disk-failure';
import type { FileGuard } from '../wasm/file-guard';
import type { CallEffects } from '../wasm/guest-channel';
import { type GuestStartSurroundings, GuestStarts } from './guest-starts';
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
  kept(effects: CallEffects): void;
  /** That a start failed or a guest was lost; before the state moves, since whoever hears of a state asks why. */
  failed(cause: WasiError): void;
}

/** What to call, and under which conditions: none where the file was looked at just now. */
export interface Current {
  readonly guest: RunningGuest;
  readonly guards: readonly FileGuard[];
}

/** Keys of no file at all, and of one in a folder that cannot be read. */
const NOWHERE = '';
const UNREADABLE = 'unreadable';

export class PluginLife {
  #state: PluginState<RunningGuest>;
  #role: PluginRole['kind'] | 'unknown' = 'unknown';
  #refreshing: Promise<void> | undefined;
  /** Of the file that the guest came from or, without one, that was tried last. */
  #key = NOWHERE;
  readonly #refused = new RefusedFile();
  /** By which a guest's thread can tell that the last look still holds. */
  #guards: readonly FileGuard[] | undefined;
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
    this.#starts = new GuestStarts(config, around, counts, this.#end.signal, (effects) => listener.kept(effects));
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

  /** Looks whether the file changed and starts or reloads if so; at most one such look at a time. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshNow().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /**
   * A fresh instance of the file that is there now, without the old one's state, also out of a back-off. For who made sure
   * that no call is under way. Never rejects.
   */
  async renew(): Promise<void> {
    while (this.#refreshing) await this.#refreshing;
    this.#refreshing = this.#renewNow().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /**
   * The guest to call, of the file that is there now; with `mayGuard` that is for the guest's thread to see to, where it
   * can. Throws the cause where there is none, or PLUGIN_BACKOFF.
   */
  async current(mayGuard: boolean): Promise<Current> {
    // A look that began earlier may have missed what was copied, or which guest was lost, since.
    const first = this.#state;
    if (this.#refreshing) await this.#refreshing;
    const before = this.#state;
    const guards = this.#refused.isFinal ? this.#guards : undefined;
    if (mayGuard && guards && before.kind === 'ready' && before.guest.alive) return { guest: before.guest, guards };
    await this.refresh();
    const now = this.#state;
    if (now.kind === 'ready') return { guest: now.guest, guards: [] };
    // Who waited for a start is told why it failed; who comes later, that the plugin rests.
    if (first.kind === 'loading' && now.kind === 'backing-off') throw now.cause;
    throw notCallable(this.config.name, this.#state, this.around.monotonic());
  }

  beginCall(): void {
    this.#move({ kind: 'call-started' });
  }

  endCall(): void {
    if (this.#state.kind === 'polling') this.#move({ kind: 'call-ended' });
  }

  lost(cause: WasiError): void {
    if (this.#state.kind === 'closed') return;
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

  async #refreshNow(): Promise<void> {
    const { kind } = this.#state;
    if (kind === 'disabled' || kind === 'closed' || kind === 'polling') return;
    const look = await this.#look();
    if (look === UNREADABLE) return undefined;
    const { located } = look;
    const now = this.#state;
    switch (now.kind) {
      case 'loading':
        return this.#load(located);
      case 'ready':
        if (!now.guest.alive) {
          this.lost(new WasiError('PLUGIN_TRAPPED', `${this.config.name}: its thread ended between two polls`));
          return this.#state.kind === 'loading' ? this.#load(located) : undefined;
        }
        return this.#reloadIfChanged(now.guest, located);
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
    const state = this.#state;
    if (state.kind === 'backing-off') this.#move({ kind: 'asked-anew' });
    if (state.kind !== 'ready') return this.#refreshNow();
    const look = await this.#look();
    if (look === UNREADABLE) return undefined;
    const { located } = look;
    const now = this.#state;
    if (now.kind !== 'ready') return this.#refreshNow();
    if (!located) return this.#refuse(NOWHERE, 'its file is gone; the running one goes on until it is closed');
    return this.#replaceFresh(now.guest, located);
  }

  async #replaceFresh(old: RunningGuest, located: LocatedComponent): Promise<void> {
    this.#move({ kind: 'reload-started' });
    try {
      if (!(await this.#takeOver(await this.#starts.fresh(located), located))) return;
      await old.close();
      this.around.log(this.config.name, 'info', 'a fresh instance took over');
    } catch (error) {
      if (this.#state.kind !== 'reloading') return;
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
    try {
      const located = await this.around.locate(this.config.name);
      this.#guards = located?.guards;
      return { located };
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
      if (this.#state.kind === 'loading')
        this.#loadFailed(error, mayGrow(located, this.around.now()) ? 'debug' : 'error');
    }
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
      const guest = await this.#starts.successor(old, located, () => this.#state.kind === 'reloading');
      if (guest === 'unchanged') {
        this.#keepOld();
        this.#key = key;
        this.#refused.forget();
      } else if (await this.#takeOver(guest, located)) {
        await old.close();
        this.around.log(this.config.name, 'info', 'a new file took over');
      }
    } catch (error) {
      if (this.#state.kind !== 'reloading') return;
      const cause = asWasiError(error, this.config.name);
      this.#keepOld();
      const why = `its new file cannot be used and the old one goes on. ${cause.code}: ${cause.sentence}`;
      if (mayGrow(located, this.around.now())) this.#refused.mayGrow(key);
      else if (!(cause instanceof DiskFailure)) this.#refuse(key, why, cause.hostToml);
      else if (this.#refused.byDisk(key, this.around.monotonic())) this.around.log(this.config.name, 'warn', why);
    }
  }

  /** Whether it did: a plugin that was closed meanwhile takes nobody. */
  async #takeOver(guest: RunningGuest, located: LocatedComponent): Promise<boolean> {
    if (this.#state.kind === 'closed') {
      await guest.close();
      return false;
    }
    this.#refused.forget();
    this.#key = located.key;
    this.#count(guest.digest);
    this.#role = guest.role.kind;
    this.#move({ kind: 'loaded', guest, now: this.around.monotonic() });
    return true;
  }

  #count(digest: string): void {
    if (this.#digest === digest) this.#restarts += 1;
    else if (this.#digest !== undefined) this.#reloads += 1;
    this.#digest = digest;
  }

  /** Unless the plugin was closed, or the old one was lost, meanwhile. */
  #keepOld(): void {
    if (this.#state.kind === 'reloading') this.#move({ kind: 'old-kept' });
  }

  #refuse(key: string, why: string, hostToml?: string): void {
    this.#refused.forGood(key);
    this.around.log(this.config.name, 'warn', why, hostToml);
  }

  #move(event: PluginEvent<RunningGuest>): void {
    this.#state = next(this.#state, event);
    this.listener.moved();
  }
}

function keyOf(located: LocatedComponent | undefined): string {
  return located?.key ?? NOWHERE;
}
