/**
 * The runtime behind one wasi-runtime node, shared by all nodes that refer to it. It opens in the background as soon as
 * this is made; who needs it waits with `whenOpen`, and only so many may wait. Listeners hear of every change of phase and
 * of every event of the runtime.
 *
 * A runtime that failed to open is opened again when its host.toml changes, which is checked every two seconds, and every
 * half minute in case something else was the cause (rights, a full disk). Until then everybody gets the last error.
 *
 * Closing one that still opens waits for it and then closes it: nothing is left running. Idempotent.
 */
import type { Node } from 'node-red';
import { WasiError } from '../src/errors';
import type { HostTomlFile } from '../src/host-config/host-toml-file';
import type { RuntimeApi, RuntimeEvent } from '../src/runtime-api';
import { asError } from './node-red-errors';

export type RuntimePhase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly api: RuntimeApi }
  | { readonly kind: 'failed'; readonly error: WasiError }
  | { readonly kind: 'closed' };

export interface RuntimeListener {
  phaseChanged(): void;
  runtimeEvent(event: RuntimeEvent): void;
}

/** Inputs of all nodes together that may wait for the runtime to open; later ones are told so. */
const MAX_WAITING = 100;
const CHECK_EVERY_MS = 2_000;
const CHECKS_UNTIL_RETRY = 15;

/** How a runtime is opened, again after each failure. */
export interface RuntimeSource {
  open(): Promise<RuntimeApi>;
  /** The file behind it, also while it cannot open. */
  readonly hostToml: HostTomlFile;
  /** Changes when host.toml does. Never rejects. */
  fingerprint(): Promise<string>;
}

export class SharedRuntime {
  #phase: RuntimePhase = { kind: 'opening' };
  #waiting = 0;
  #closing: Promise<void> | undefined;
  readonly #listeners = new Set<RuntimeListener>();
  readonly #source: RuntimeSource | undefined;
  #attempt: Promise<RuntimeApi> = Promise.reject(new Error('never opened'));
  /** Only while a runtime that failed waits for its next attempt: there is never more than one attempt at a time. */
  #check: NodeJS.Timeout | undefined;

  /** An error instead of a source: the node's properties are wrong, which only another deployment changes. */
  constructor(source: RuntimeSource | WasiError) {
    this.#attempt.catch(() => undefined);
    this.#source = source instanceof WasiError ? undefined : source;
    this.#open(source instanceof WasiError ? () => Promise.reject(source) : () => source.open());
  }

  get hostToml(): HostTomlFile | undefined {
    return this.#source?.hostToml;
  }

  /**
   * Tries again at once where opening failed: host.toml was just written. While an attempt is under way nothing happens;
   * if it fails, the changed file is found by the next check.
   */
  retry(): void {
    const source = this.#source;
    if (this.#phase.kind !== 'failed' || source === undefined || this.#check === undefined) return;
    clearTimeout(this.#check);
    this.#check = undefined;
    this.#open(() => source.open());
  }

  get phase(): RuntimePhase {
    return this.#phase;
  }

  /** Throws what opening failed with, RUNTIME_CLOSED, or POLL_BUSY when too many wait. */
  async whenOpen(): Promise<RuntimeApi> {
    if (this.#phase.kind === 'opening') await this.#wait();
    switch (this.#phase.kind) {
      case 'open':
        return this.#phase.api;
      case 'failed':
        throw this.#phase.error;
      case 'closed':
      case 'opening':
        throw new WasiError(
          'RUNTIME_CLOSED',
          'the runtime was closed meanwhile; send the message again after deploying',
        );
    }
  }

  /** Returns how to stop listening. */
  register(listener: RuntimeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#enter({ kind: 'closed' });
    clearTimeout(this.#check);
    const api = await this.#attempt.catch(() => undefined);
    await api?.close();
  }

  async #wait(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) {
      throw new WasiError('POLL_BUSY', `${MAX_WAITING} messages already wait for the runtime to open; send fewer`);
    }
    this.#waiting += 1;
    try {
      await this.#attempt;
    } catch (error) {
      throw asError(error);
    } finally {
      this.#waiting -= 1;
    }
  }

  #open(open: () => Promise<RuntimeApi>): void {
    // A change of the file between these two is found by the retry after half a minute.
    const before = this.#source?.fingerprint() ?? Promise.resolve('');
    this.#attempt = open();
    this.#attempt.then(
      (api) => this.#opening({ kind: 'open', api }),
      (error: unknown) => {
        this.#opening({ kind: 'failed', error: asError(error) });
        void before.then((fingerprint) => this.#checkLater(fingerprint, CHECKS_UNTIL_RETRY));
      },
    );
  }

  #checkLater(before: string, checksLeft: number): void {
    const source = this.#source;
    if (this.#phase.kind !== 'failed' || source === undefined) return;
    const check = setTimeout(() => {
      void source.fingerprint().then((now) => {
        if (this.#check !== check) return;
        if (now !== before || checksLeft === 1) this.retry();
        else this.#checkLater(before, checksLeft - 1);
      });
    }, CHECK_EVERY_MS);
    this.#check = check;
  }

  #opening(phase: RuntimePhase): void {
    if (this.#phase.kind === 'closed') return;
    // The same failure once more is not reported again.
    if (phase.kind === 'failed' && this.#phase.kind === 'failed' && phase.error.message === this.#phase.error.message)
      return;
    if (phase.kind === 'open') {
      phase.api.subscribe((event) => {
        for (const listener of [...this.#listeners]) listener.runtimeEvent(event);
      });
    }
    this.#enter(phase);
  }

  #enter(phase: RuntimePhase): void {
    this.#phase = phase;
    for (const listener of [...this.#listeners]) listener.phaseChanged();
  }
}

/** The runtime of a deployed wasi-runtime node; undefined for any other node and for none. */
export function runtimeOf(node: Node | null | undefined): SharedRuntime | undefined {
  return node && 'runtime' in node && node.runtime instanceof SharedRuntime ? node.runtime : undefined;
}
