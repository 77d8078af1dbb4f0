/**
 * The runtime behind one wasi-runtime node, shared by all nodes that refer to it. It opens in the background as soon as
 * this is made; who needs it waits with `whenOpen`, and only so many may wait. A failure to open is kept: everyone who
 * asks later gets that same error. Listeners hear of every change of phase and of every event of the runtime.
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

export class SharedRuntime {
  #phase: RuntimePhase = { kind: 'opening' };
  #waiting = 0;
  #closing: Promise<void> | undefined;
  readonly #listeners = new Set<RuntimeListener>();
  readonly #opened: Promise<RuntimeApi>;

  /** `hostToml`: the file behind it, also while it cannot open; undefined where the node's properties are wrong. */
  constructor(
    open: () => Promise<RuntimeApi>,
    readonly hostToml?: HostTomlFile,
  ) {
    this.#opened = open();
    this.#opened.then(
      (api) => this.#opening({ kind: 'open', api }),
      (error: unknown) => this.#opening({ kind: 'failed', error: asError(error) }),
    );
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
    const api = await this.#opened.catch(() => undefined);
    await api?.close();
  }

  async #wait(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) {
      throw new WasiError('POLL_BUSY', `${MAX_WAITING} messages already wait for the runtime to open; send fewer`);
    }
    this.#waiting += 1;
    try {
      await this.#opened;
    } catch (error) {
      throw asError(error);
    } finally {
      this.#waiting -= 1;
    }
  }

  #opening(phase: RuntimePhase): void {
    if (this.#phase.kind === 'closed') return;
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
