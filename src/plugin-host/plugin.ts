/**
 * One plugin, from its file to its close: owns its guest, its queue and its state. Before every call it looks at the
 * file: a new one is started beside the old and takes over between two calls; one that cannot be used leaves the old one
 * running and is said once. The state moves by `plugin-state.ts` alone, and only here.
 *
 * `call` throws what loading and calling throw (contract, section 6), PLUGIN_BACKOFF, POLL_BUSY and RUNTIME_CLOSED.
 */
import { WasiError } from '../errors';
import type { PluginConfig } from '../host-config/host-config';
import { GuestCallError, type GuestReturn } from '../wasm/guest';
import type { LocatedComponent } from './plugin-files';
import type { PluginRole } from './plugin-role';
import { next, type PluginEvent, type PluginState } from './plugin-state';
import { PollQueue } from './poll-queue';
import type { RunningGuest } from './running-guest';

export interface PluginSurroundings {
  /** undefined: no file and nothing bundled. */
  locate(plugin: string): Promise<LocatedComponent | undefined>;
  /** Gives up with RUNTIME_CLOSED when `signal` is aborted. */
  start(config: PluginConfig, located: LocatedComponent, signal: AbortSignal): Promise<RunningGuest>;
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

/** A file written this recently may still be being copied: not being usable is no news yet. */
const STILL_COPYING_MS = 2_000;

export class Plugin {
  #state: PluginState<RunningGuest>;
  readonly #queue: PollQueue;
  #refreshing: Promise<void> | undefined;
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
    await this.refresh();
    // A look that had begun before the guest was lost ends without having started another.
    if (this.#state.kind === 'loading') await this.refresh();
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
    const state = this.#state;
    if (state.kind === 'disabled' || state.kind === 'closed' || state.kind === 'polling') return;
    let located: LocatedComponent | undefined;
    try {
      located = await this.around.locate(this.name);
    } catch (error) {
      this.around.log(this.name, 'warn', `the plugin folder could not be read: ${String(error)}`);
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
      case 'backing-off': {
        const due =
          now.retry.when === 'time'
            ? this.around.now() >= now.retry.at
            : (located?.key ?? '') !== (this.#refused?.key ?? '');
        if (!due) return;
        this.#move({ kind: 'retried' });
        return this.#load(located);
      }
      default:
        return;
    }
  }

  async #load(located: LocatedComponent | undefined): Promise<void> {
    try {
      if (!located) {
        throw new WasiError(
          'PLUGIN_NOT_FOUND',
          `there is no plugin ${this.name}: put ${this.name}.wasm into the plugin folder`,
        );
      }
      const guest = await this.around.start(this.config, located, this.#life.signal);
      await this.#takeOver(guest);
    } catch (error) {
      const cause = asWasiError(error, this.name);
      if (this.state !== 'loading') return;
      this.#refused = { key: located?.key ?? '', said: true };
      this.#note(cause);
      this.#move({ kind: 'load-failed', cause, now: this.around.now() });
      this.around.log(this.name, this.#mayGrow(located) ? 'debug' : 'error', `${cause.code}: ${cause.message}`);
    }
  }

  async #reloadIfChanged(old: RunningGuest, located: LocatedComponent | undefined): Promise<void> {
    if (located?.key === old.located.key) return;
    const key = located?.key ?? '';
    if (this.#refused?.key === key && this.#refused.said) return;
    if (!located) {
      this.#refuse(key, 'its file is gone; the running one goes on until it is closed');
      return;
    }
    this.#move({ kind: 'reload-started' });
    try {
      const guest = await this.around.start(this.config, located, this.#life.signal);
      await this.#handOver(old, guest);
      await this.#takeOver(guest);
      await old.close();
      this.around.log(this.name, 'info', 'a new file took over');
    } catch (error) {
      const cause = asWasiError(error, this.name);
      if (this.state !== 'reloading') return;
      this.#move({ kind: 'reload-failed' });
      if (this.#mayGrow(located)) this.#refused = { key, said: false };
      else this.#refuse(key, `its new file cannot be used and the old one goes on. ${cause.code}: ${cause.message}`);
    }
  }

  /** State that both files agree to carry over; where that fails, the new one starts afresh. */
  async #handOver(old: RunningGuest, fresh: RunningGuest): Promise<void> {
    if (old.handOver === undefined || fresh.handOver === undefined) return;
    try {
      const saved = await old.call(old.handOver, 'save', []);
      await fresh.call(fresh.handOver, 'restore', [saved.value]);
    } catch (error) {
      this.around.log(
        this.name,
        'warn',
        `the new file starts with fresh state, since handing over failed: ${String(error)}`,
      );
      if (!fresh.alive) throw error;
    }
  }

  async #takeOver(guest: RunningGuest): Promise<void> {
    if (this.#state.kind === 'closed') {
      await guest.close();
      return;
    }
    this.#refused = undefined;
    this.#role = guest.role.kind;
    this.#move({ kind: 'loaded', guest, now: this.around.now() });
  }

  #mayGrow(located: LocatedComponent | undefined): boolean {
    return located !== undefined && this.around.now() - located.modifiedAt < STILL_COPYING_MS;
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
    this.#note(cause);
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

  /** Before the state moves: who hears of a state is told why with it. */
  #note(error: WasiError): void {
    this.#lastError = { code: error.code, message: error.message, at: this.around.now() };
  }

  #move(event: PluginEvent<RunningGuest>): void {
    this.#state = next(this.#state, event);
    this.around.onState(this);
  }
}

/** What loading throws names no plugin: the loader knows none. */
function asWasiError(error: unknown, plugin: string): WasiError {
  if (!(error instanceof WasiError))
    return new WasiError('PLUGIN_ERROR', `${plugin}: ${String(error)}`, { cause: error });
  return error.message.includes(plugin)
    ? error
    : new WasiError(error.code, `${plugin}: ${error.message}`, { cause: error });
}
