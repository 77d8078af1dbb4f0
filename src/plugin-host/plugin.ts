/**
 * One plugin as its callers see it: calls in a queue, each with the guest of the file that is there now, and the counts
 * of what came of them. Its guest is `plugin-life.ts`'s.
 *
 * `call` throws what loading and calling throw (contract, section 6), PLUGIN_BACKOFF, POLL_BUSY and RUNTIME_CLOSED.
 */
import type { CountedDeviceCall } from '../capabilities/device-call-count';
import { GuestCounts } from '../capabilities/guest-counts';
import type { DeviceFailure, KeptChanges } from '../capabilities/guest-imports-data';
import { type ErrorCode, WasiError } from '../errors/wasi-error';
import type { PluginConfig } from '../host-config/host-config';
import type { LedWrite } from '../leds/led-buffer';
import { CallTimes, type Latency } from './call-times';
import type { GuestEffects } from './guest-effects';
import { asWasiError, deviceFailure, disabledText, notCallable } from './plugin-error';
import { type LifeSurroundings, PluginLife } from './plugin-life';
import type { PluginRole } from './plugin-role';
import type { PluginState } from './plugin-state';
import { PollQueue } from './poll-queue';
import { HostedCallError, type HostedReturn, type RunningGuest } from './running-guest';

export interface PluginSurroundings extends LifeSurroundings {
  /** A call that succeeded: what it changed of the LEDs. */
  onLeds(writes: readonly LedWrite[]): void;
  /** A call after which the guest lives on: what it wants kept. */
  onKept(plugin: string, changes: KeptChanges): void;
  onState(plugin: Plugin): void;
  /** Its file is gone, and it was closed: whatever it held is nobody's. Host.toml may still name it. */
  onGone(plugin: Plugin): void;
}

export interface PluginCall<T> {
  /** Of plugins that can be called so: a file that is copied over another one may make a plugin of another kind of it. */
  readonly kinds: readonly PluginRole['kind'][];
  /** Made when it is called, not when it is queued; what takes long to make lets the loop go round meanwhile. */
  args(role: PluginRole): readonly unknown[] | Promise<readonly unknown[]>;
  /** Of what was parsed: whether the guest reported nothing. Where a device failed, the call has failed then. */
  isNothing(parsed: T): boolean;
}

/** A call that brought something. */
export interface CallResult<T> {
  readonly value: T;
  /** Of devices that could not be read: what the guest would have reported of them is missing from `value`. */
  readonly failures: readonly WasiError[];
}

/** Why the newest call did not bring all that it should have. */
export interface Failing {
  readonly code: ErrorCode;
  readonly message: string;
  /** ms since 1970: of the first of the calls that failed one after the other. */
  readonly since: number;
}

export interface LastError {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

/** Since this plugin was made: another configuration of it is another plugin. */
export interface PluginCounts {
  readonly polls: number;
  readonly failures: number;
  readonly failuresByCode: ReadonlyMap<ErrorCode, number>;
  /** Calls of its guests that a grant refused. */
  readonly refusedCalls: number;
  readonly lastError: LastError | undefined;
  /** undefined: the newest call succeeded, or there was none yet. */
  readonly failing: Failing | undefined;
}

/** As the counts: since this plugin was made. */
export interface PluginWork {
  readonly calls: number;
  readonly callMs: number;
  readonly restarts: number;
  readonly reloads: number;
  readonly deviceCalls: readonly CountedDeviceCall[];
}

export class Plugin {
  readonly #life: PluginLife;
  readonly #queue: PollQueue;
  #polls = 0;
  readonly #failures = new Map<ErrorCode, number>();
  #failing: Failing | undefined;
  readonly #guestCounts = new GuestCounts();
  readonly #times = new CallTimes();
  #lastError: LastError | undefined;
  #renewing: Promise<void> | undefined;

  constructor(
    readonly config: PluginConfig,
    readonly around: PluginSurroundings,
  ) {
    this.#life = new PluginLife(config, around, this.#guestCounts, {
      moved: () => around.onState(this),
      kept: (effects) => void this.#traced(effects, true),
      failed: (cause) => this.#note(cause),
    });
    this.#queue = new PollQueue(config.name);
  }

  get name(): string {
    return this.config.name;
  }
  get state(): PluginState<RunningGuest>['kind'] {
    return this.#life.state.kind;
  }
  get role(): PluginRole['kind'] | 'unknown' {
    return this.#life.role;
  }
  get origin(): 'bundled' | 'file' | 'missing' | 'unknown' {
    if (this.guest) return this.guest.located.origin;
    return this.#lastError?.code === 'PLUGIN_NOT_FOUND' ? 'missing' : 'unknown';
  }
  get counts(): PluginCounts {
    return {
      polls: this.#polls,
      failures: [...this.#failures.values()].reduce((sum, count) => sum + count, 0),
      failuresByCode: this.#failures,
      refusedCalls: this.#guestCounts.refusals,
      lastError: this.#lastError,
      failing: this.#failing,
    };
  }

  get work(): PluginWork {
    const { calls, callMs } = this.#times;
    const { restarts, reloads } = this.#life;
    return { calls, callMs, restarts, reloads, deviceCalls: this.#guestCounts.deviceCalls.counted() };
  }

  /** Of its last calls; undefined before the first. */
  get latency(): Latency | undefined {
    return this.#times.latency();
  }
  /** The guest that runs; undefined while none does. */
  get guest(): RunningGuest | undefined {
    const state = this.#life.state;
    return 'guest' in state ? state.guest : undefined;
  }

  /** Looks whether the file changed by now, and starts or reloads if so. Never rejects. */
  refresh(): Promise<void> {
    return this.#life.refresh();
  }

  /** Only the file that is there now is called from here on, also where another one runs: callers wait. Never rejects. */
  startOver(): Promise<void> {
    return this.#life.startOver();
  }

  /**
   * A fresh instance of the file that is there now, whether or not it changed; one that was asked for and is on its way is that
   * instance. Takes over between two calls, and is not waited for. Throws RUNTIME_CLOSED, and CONFIG_INVALID for a plugin that is disabled.
   */
  renew(): void {
    if (this.state === 'closed') throw notCallable(this.name, { kind: 'closed' }, this.around.monotonic());
    if (this.state === 'disabled') throw new WasiError('CONFIG_INVALID', disabledText(this.name));
    this.#renewing ??= this.#life.renew().finally(() => {
      this.#renewing = undefined;
    });
  }

  /**
   * A call and what `parse` makes of its value; what `parse` throws counts as the guest's error. Throws the failure of a
   * device where the call brought nothing because of it.
   */
  call<T>(wanted: PluginCall<T>, parse: (value: unknown, role: PluginRole) => T): Promise<CallResult<T>> {
    return this.#queue.run(async () => {
      try {
        const result = await this.#callNow(wanted, parse);
        const [failure] = result.failures;
        if (failure) this.#failed(failure);
        else this.#failing = undefined;
        return result;
      } catch (error) {
        throw this.#failed(error);
      }
    });
  }

  /** When every call that was asked for until now is over; bounded by their deadlines. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  async #callNow<T>(wanted: PluginCall<T>, parse: (value: unknown, role: PluginRole) => T): Promise<CallResult<T>> {
    const guest = await this.#life.beginCall(({ role }) => {
      if (!wanted.kinds.includes(role.kind)) throw otherKind(this.name, role, wanted.kinds);
    });
    let returned: HostedReturn;
    let startedAt = performance.now();
    try {
      const args = await wanted.args(guest.role);
      startedAt = performance.now();
      returned = await guest.call(guest.role.instance, guest.role.func, args);
      this.#times.add(performance.now() - startedAt);
    } catch (error) {
      this.#times.add(performance.now() - startedAt);
      const [failure] = error instanceof HostedCallError ? this.#traced(error.effects, error.lives) : [];
      if (!(error instanceof HostedCallError && error.lives)) {
        this.#life.lost(asWasiError(error, this.name));
        throw error;
      }
      this.#life.endCall();
      throw failure ? deviceFailure(this.name, failure, error) : error;
    }
    const failures = this.#traced(returned.effects, true);
    this.#life.endCall();
    const parsed = parse(returned.value, guest.role);
    this.around.onLeds(returned.effects.leds);
    const [failure] = failures;
    if (failure && wanted.isNothing(parsed)) throw deviceFailure(this.name, failure);
    this.#polls += 1;
    const missed = failures.filter(({ reads }) => reads);
    return { value: parsed, failures: missed.map((each) => deviceFailure(this.name, each)) };
  }

  /** What a guest that was lost wanted kept is lost with it. Returns the failures of its devices. */
  #traced({ kept, deviceFailures }: GuestEffects, lives: boolean): readonly DeviceFailure[] {
    if (lives) this.around.onKept(this.name, kept);
    return deviceFailures;
  }

  #failed(error: unknown): WasiError {
    const failure = asWasiError(error, this.name);
    if (failure.code !== 'RUNTIME_CLOSED') {
      const { code, message } = failure;
      this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
      const since = this.#failing?.since ?? this.around.now();
      // The reason for which it backs off is known already.
      if (code !== 'PLUGIN_BACKOFF') {
        this.#note(failure);
        this.#failing = { code, message, since };
      } else this.#failing ??= { code, message, since };
    }
    return failure;
  }

  #note(error: WasiError): void {
    this.#lastError = { code: error.code, message: error.message, at: this.around.now() };
  }
}

function otherKind(plugin: string, role: PluginRole, wanted: readonly PluginRole['kind'][]): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `${plugin} is a ${role.kind}, not a ${wanted.join(' or a ')}: choose another plugin in the node`,
  );
}
