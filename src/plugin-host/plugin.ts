/**
 * One plugin, from its file to its close: owns its guest, its queue and its state. Before every call it looks at the
 * file: a new one is started beside the old and takes over between two calls; one that cannot be used leaves the old one
 * running and is said once; one with the same bytes changes nothing. The state moves by `plugin-state.ts` alone, and
 * only here.
 *
 * `call` throws what loading and calling throw (contract, section 6), PLUGIN_BACKOFF, POLL_BUSY and RUNTIME_CLOSED.
 */
import { WasiError } from '../errors';
import type { PluginConfig } from '../host-config/host-config';
import { GuestCallError, type GuestReturn } from '../wasm/guest';
import { handOver } from './hand-over';
import type { LocatedComponent } from './plugin-files';
import type { PluginRole } from './plugin-role';
import { next, type PluginEvent, type PluginState } from './plugin-state';
import { PollQueue } from './poll-queue';
import type { RunningGuest, StartOptions } from './running-guest';

export interface PluginSurroundings {
  /** undefined: no file and nothing bundled. */
  locate(plugin: string): Promise<LocatedComponent | undefined>;
  /** Gives up with RUNTIME_CLOSED when `signal` is aborted. */
  start(config: PluginConfig, located: LocatedComponent, options: StartOptions): Promise<RunningGuest | 'unchanged'>;
  /** A call that succeeded: what it changed of the LEDs. */
  onLeds(effects: unknown): void;
  /** Any call after which the guest lives on: what it wants kept. */
  onKept(plugin: string, effects: unknown): void;
  onState(plugin: Plugin): void;
  log(plugin: string, level: 'error' | 'warn' | 'info' | 'debug', text: string): void;
  now(): number;
}

export interface PluginCall {
  readonly kind: PluginRole['kind'];
  args(role: PluginRole): readonly unknown[];
}

export interface LastError {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

/** Keys of no file at all, and of one in a folder that cannot be read. */
const NOWHERE = '';
const UNREADABLE = 'unreadable';

/** A file written this recently may still be being copied: not being usable is no news yet. */
const STILL_COPYING_MS = 2_000;

export class Plugin {
  #state: PluginState<RunningGuest>;
  readonly #queue: PollQueue;
  #refreshing: Promise<void> | undefined;
  /** Of the file that the guest came from or, without one, that was tried last. */
  #key = NOWHERE;
  /** The newest file that could not take over, and whether that was said. */
  #refused: { readonly key: string; readonly said: boolean } | undefined;
  #polls = 0;
  #failures = 0;
  #lastError: LastError | undefined;
  /** Aborted by `close`: nothing that starts outlives the plugin. */
  readonly #life = new AbortController();
  #role: PluginRole['kind'] | 'unknown' = 'unknown';

  constructor(
    readonly config: PluginConfig,
    readonly around: PluginSurroundings,
  ) {
    this.#state = config.enabled ? { kind: 'loading', failures: 0 } : { kind: 'disabled' };
    this.#queue = new PollQueue(config.name);
  }

  get name(): string {
    return this.config.name;
  }
  get state(): PluginState<RunningGuest>['kind'] {
    return this.#state.kind;
  }
  /** Of the newest guest that ran; unknown until one did. */
  get role(): PluginRole['kind'] | 'unknown' {
    return this.#role;
  }
  get origin(): 'bundled' | 'file' | 'missing' | 'unknown' {
    if ('guest' in this.#state) return this.#state.guest.located.origin;
    return this.#lastError?.code === 'PLUGIN_NOT_FOUND' ? 'missing' : 'unknown';
  }
  get counts(): { readonly polls: number; readonly failures: number; readonly lastError: LastError | undefined } {
    return { polls: this.#polls, failures: this.#failures, lastError: this.#lastError };
  }

  /** Looks whether the file changed and starts or reloads if so; at most one such look at a time. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshNow().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** A call and what `parse` makes of its value; what `parse` throws counts as the guest's error. */
  call<T>(wanted: PluginCall, parse: (value: unknown) => T): Promise<T> {
    return this.#queue.run(async () => {
      try {
        return await this.#callNow(wanted, parse);
      } catch (error) {
        throw this.#failed(error);
      }
    });
  }

  async close(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closed') return;
    this.#move({ kind: 'closed' });
    this.#life.abort();
    if ('guest' in state) await state.guest.close();
    await this.#refreshing;
  }

  async #callNow<T>(wanted: PluginCall, parse: (value: unknown) => T): Promise<T> {
    // A look that began earlier may have missed what was copied, or which guest was lost, since.
    if (this.#refreshing) await this.#refreshing;
    await this.refresh();
    const guest = this.#callable();
    if (guest.role.kind !== wanted.kind) {
      throw new WasiError(
        'PLUGIN_INVALID',
        `${this.name} is a ${guest.role.kind}, not a ${wanted.kind}: choose another plugin in the node`,
      );
    }
    this.#move({ kind: 'call-started' });
    let returned: GuestReturn;
    try {
      returned = await guest.call(guest.role.instance, guest.role.func, wanted.args(guest.role));
    } catch (error) {
      if (error instanceof GuestCallError) {
        this.#endCall();
        this.around.onKept(this.name, error.effects.always);
      } else {
        this.#lost(asWasiError(error, this.name));
      }
      throw error;
    }
    this.#endCall();
    this.around.onKept(this.name, returned.effects.always);
    const parsed = parse(returned.value);
    this.around.onLeds(returned.effects.onSuccess);
    this.#polls += 1;
    return parsed;
  }

  #callable(): RunningGuest {
    const state = this.#state;
    switch (state.kind) {
      case 'ready':
        return state.guest;
      case 'backing-off':
        if (state.retry.when === 'file-changes') throw state.cause;
        throw new WasiError(
          'PLUGIN_BACKOFF',
          `${this.name} failed ${state.failures} times and rests for ${Math.ceil((state.retry.at - this.around.now()) / 1_000)} s more. Last: ${state.cause.message}`,
          { cause: state.cause },
        );
      case 'closed':
        throw new WasiError('RUNTIME_CLOSED', `${this.name} was closed; deploy the flow again`);
      case 'disabled':
      case 'loading':
      case 'polling':
      case 'reloading':
        throw new WasiError('PLUGIN_BACKOFF', `${this.name} is ${state.kind} and cannot be called now; poll it again`);
    }
  }

  async #refreshNow(): Promise<void> {
    const { kind } = this.#state;
    if (kind === 'disabled' || kind === 'closed' || kind === 'polling') return;
    let located: LocatedComponent | undefined;
    try {
      located = await this.around.locate(this.name);
    } catch (error) {
      return this.#unreadable(error);
    }
    const now = this.#state;
    switch (now.kind) {
      case 'loading':
        return this.#load(located);
      case 'ready':
        if (!now.guest.alive) {
          this.#lost(new WasiError('PLUGIN_TRAPPED', `${this.name}: its thread ended between two polls`));
          return this.#state.kind === 'loading' ? this.#load(located) : undefined;
        }
        return this.#reloadIfChanged(now.guest, located);
      case 'backing-off':
        if (keyOf(located) !== this.#key) this.#move({ kind: 'file-changed' });
        else if (now.retry.when === 'time' && this.around.now() >= now.retry.at) this.#move({ kind: 'retried' });
        else return;
        return this.#load(located);
      default:
        return;
    }
  }

  #unreadable(error: unknown): void {
    const text = `the plugin folder could not be read: ${String(error)}`;
    if (this.#state.kind === 'loading') this.#loadFailed(new WasiError('PLUGIN_NOT_FOUND', text), 'error');
    else if (this.#refused?.key !== UNREADABLE) this.#refuse(UNREADABLE, text);
  }

  async #load(located: LocatedComponent | undefined): Promise<void> {
    this.#key = keyOf(located);
    try {
      if (!located) {
        throw new WasiError(
          'PLUGIN_NOT_FOUND',
          `there is no plugin ${this.name}: put ${this.name}.wasm into the plugin folder`,
        );
      }
      await this.#takeOver(await this.#start(located), located);
    } catch (error) {
      if (this.state === 'loading') this.#loadFailed(error, mayGrow(located, this.around.now()) ? 'debug' : 'error');
    }
  }

  #loadFailed(error: unknown, level: 'debug' | 'error'): void {
    const cause = asWasiError(error, this.name);
    this.#move({ kind: 'load-failed', cause, now: this.around.now() });
    this.#note(cause);
    this.around.log(this.name, level, `${cause.code}: ${cause.message}`);
  }

  async #reloadIfChanged(old: RunningGuest, located: LocatedComponent | undefined): Promise<void> {
    const key = keyOf(located);
    if (key === this.#key) {
      this.#refused = undefined;
      return;
    }
    if (this.#refused?.key === key && this.#refused.said) return;
    if (!located) {
      this.#refuse(key, 'its file is gone; the running one goes on until it is closed');
      return;
    }
    this.#move({ kind: 'reload-started' });
    try {
      const guest = await this.#replacement(old, located);
      if (guest === 'unchanged') {
        this.#keepOld();
        this.#key = key;
      } else if (await this.#takeOver(guest, located)) {
        await old.close();
        this.around.log(this.name, 'info', 'a new file took over');
      }
    } catch (error) {
      if (this.state !== 'reloading') return;
      const cause = asWasiError(error, this.name);
      this.#keepOld();
      if (mayGrow(located, this.around.now())) this.#refused = { key, said: false };
      else this.#refuse(key, `its new file cannot be used and the old one goes on. ${cause.code}: ${cause.message}`);
    }
  }

  /** The guest of a new file, with the old one's state; where that cannot be handed over, with a fresh one. */
  async #replacement(old: RunningGuest, located: LocatedComponent): Promise<RunningGuest | 'unchanged'> {
    const signal = this.#life.signal;
    const guest = await this.around.start(this.config, located, { signal, unlessDigest: old.digest });
    if (guest === 'unchanged') return guest;
    const failure = await handOver(old, guest, (effects) => this.around.onKept(this.name, effects));
    if (failure === undefined || this.state !== 'reloading') return guest;
    this.around.log(this.name, 'warn', `the new file starts with fresh state, since handing over failed: ${failure}`);
    return guest.alive ? guest : this.#start(located);
  }

  async #start(located: LocatedComponent): Promise<RunningGuest> {
    const guest = await this.around.start(this.config, located, { signal: this.#life.signal });
    if (guest === 'unchanged') throw new Error('nothing ran that could be unchanged');
    return guest;
  }

  /** Whether it did: a plugin that was closed meanwhile takes nobody. */
  async #takeOver(guest: RunningGuest, located: LocatedComponent): Promise<boolean> {
    if (this.#state.kind === 'closed') {
      await guest.close();
      return false;
    }
    this.#refused = undefined;
    this.#key = located.key;
    this.#role = guest.role.kind;
    this.#move({ kind: 'loaded', guest, now: this.around.now() });
    return true;
  }

  /** Unless the plugin was closed, or the old one was lost, meanwhile. */
  #keepOld(): void {
    if (this.#state.kind === 'reloading') this.#move({ kind: 'old-kept' });
  }

  #refuse(key: string, why: string): void {
    this.#refused = { key, said: true };
    this.around.log(this.name, 'warn', why);
  }

  #endCall(): void {
    if (this.#state.kind === 'polling') this.#move({ kind: 'call-ended' });
  }

  #lost(cause: WasiError): void {
    if (this.#state.kind === 'closed') return;
    this.#move({ kind: 'guest-lost', cause, now: this.around.now() });
    // The next poll finds a fresh instance, or waits a little for it.
    if (this.#state.kind === 'loading') void this.refresh();
  }

  #failed(error: unknown): WasiError {
    const failure = asWasiError(error, this.name);
    if (failure.code !== 'RUNTIME_CLOSED') {
      this.#failures += 1;
      this.#note(failure);
    }
    return failure;
  }

  #note(error: WasiError): void {
    this.#lastError = { code: error.code, message: error.message, at: this.around.now() };
  }

  #move(event: PluginEvent<RunningGuest>): void {
    this.#state = next(this.#state, event);
    this.around.onState(this);
  }
}

function keyOf(located: LocatedComponent | undefined): string {
  return located?.key ?? NOWHERE;
}

/** A time stamp ahead of this clock is no sign of a copy under way: it would look like one for as long. */
function mayGrow(located: LocatedComponent | undefined, now: number): boolean {
  return located !== undefined && Math.abs(now - located.modifiedAt) < STILL_COPYING_MS;
}

/** What loading throws names no plugin: the loader knows none. */
function asWasiError(error: unknown, plugin: string): WasiError {
  if (!(error instanceof WasiError))
    return new WasiError('PLUGIN_ERROR', `${plugin}: ${String(error)}`, { cause: error });
  return error.message.includes(plugin)
    ? error
    : new WasiError(error.code, `${plugin}: ${error.message}`, { cause: error });
}
