/**
 * One runtime for all nodes that use it, whichever wasi-runtime node they refer to. It opens in the background when the
 * first node uses it, and closes when no node has used it for a while: a deployment that makes its users anew finds it
 * open, with the state of its guests. Who needs it waits with `whenOpen`, and only so many may wait. Listeners hear of
 * every change of phase and of every event of the runtime.
 *
 * A runtime that failed to open is opened again when its host.toml changes, which is checked every two seconds, and every
 * half minute in case something else was the cause (rights, a full disk). Until then everybody gets the last error.
 *
 * Closing one that still opens waits for it and then closes it, and nothing is opened before what was open is closed:
 * devices have one owner. Idempotent.
 */
import type { Node } from 'node-red';
import { WasiError } from '../src/errors/wasi-error';
import type { HostTomlFile } from '../src/host-config/host-toml-file';
import type { RuntimeApi, RuntimeEvent } from '../src/runtime-api/runtime-api';
import { asError } from './node-red-errors';

export type RuntimePhase =
  /** No node uses it: nothing of it is open. */
  | { readonly kind: 'idle' }
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
/** Longer than the 15 s that Node-RED gives a node to close before it makes the next ones of the same deployment. */
const KEPT_OPEN_MS = 20_000;

/** How a runtime is opened, again after each failure. */
export interface RuntimeSource {
  open(): Promise<RuntimeApi>;
  /** The file behind it, also while it cannot open. */
  readonly hostToml: HostTomlFile;
  /** Absolute. */
  readonly pluginDir: string;
  /** Changes when host.toml does. Never rejects. */
  fingerprint(): Promise<string>;
  /** What nobody waits for went wrong. */
  warn(text: string): void;
}

export class SharedRuntime {
  #phase: RuntimePhase;
  #waiting = 0;
  #closing: Promise<void> | undefined;
  readonly #listeners = new Set<RuntimeListener>();
  readonly #users = new Set<RuntimeListener>();
  readonly #source: RuntimeSource | undefined;
  /** The newest attempt to open it, under way or over; undefined while nothing is open. */
  #attempt: Promise<RuntimeApi> | undefined;
  /** Ends when everything that was open before is closed. Never rejects. */
  #ended: Promise<void> = Promise.resolve();
  /** Only while a runtime that failed waits for its next attempt: there is never more than one attempt at a time. */
  #check: NodeJS.Timeout | undefined;
  /** Only while no node uses what is open. */
  #unused: NodeJS.Timeout | undefined;

  /** An error instead of a source: the node's properties are wrong, which only another deployment changes. */
  constructor(source: RuntimeSource | WasiError) {
    this.#source = source instanceof WasiError ? undefined : source;
    this.#phase = source instanceof WasiError ? { kind: 'failed', error: source } : { kind: 'idle' };
  }

  get hostToml(): HostTomlFile | undefined {
    return this.#source?.hostToml;
  }

  get pluginDir(): string | undefined {
    return this.#source?.pluginDir;
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
    this.#open(source);
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
      case 'idle':
      case 'closed':
      case 'opening':
        throw new WasiError(
          'RUNTIME_CLOSED',
          'the runtime was closed meanwhile; send the message again after deploying',
        );
    }
  }

  /** Hears of it without using it: nothing is opened for that. Returns how to stop listening. */
  register(listener: RuntimeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As `register`, for a node that needs it open. */
  use(listener: RuntimeListener): () => void {
    this.#users.add(listener);
    clearTimeout(this.#unused);
    if (this.#phase.kind === 'idle' && this.#source !== undefined) {
      this.#enter({ kind: 'opening' });
      this.#open(this.#source);
    }
    const deregister = this.register(listener);
    return () => {
      deregister();
      if (this.#users.delete(listener) && this.#users.size === 0) this.#closeUnlessUsed();
    };
  }

  /** For good. */
  close(): Promise<void> {
    this.#closing ??= this.#end({ kind: 'closed' });
    return this.#closing;
  }

  #closeUnlessUsed(): void {
    const source = this.#source;
    if (source === undefined || this.#phase.kind === 'closed') return;
    this.#unused = setTimeout(() => {
      this.#end({ kind: 'idle' }).catch((error: unknown) =>
        source.warn(`a runtime that no node uses any more could not be closed: ${asError(error).message}`),
      );
    }, KEPT_OPEN_MS);
  }

  /** Closes what is open or being opened. */
  #end(phase: RuntimePhase): Promise<void> {
    clearTimeout(this.#unused);
    clearTimeout(this.#check);
    this.#check = undefined;
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#enter(phase);
    const ended = Promise.all([this.#ended, closed(attempt)]).then(() => undefined);
    this.#ended = ended.catch(() => undefined);
    return ended;
  }

  async #wait(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) {
      throw new WasiError('POLL_BUSY', `${MAX_WAITING} messages already wait for the runtime to open; send fewer`);
    }
    this.#waiting += 1;
    try {
      await this.#attempt;
    } catch (error) {
      throw this.#phase.kind === 'failed' ? this.#phase.error : asError(error);
    } finally {
      this.#waiting -= 1;
    }
  }

  #open(source: RuntimeSource): void {
    // A change of the file between these two is found by the retry after half a minute.
    const before = this.#ended.then(() => source.fingerprint());
    const attempt = this.#ended.then(() => source.open());
    this.#attempt = attempt;
    attempt.then(
      (api) => {
        if (this.#attempt !== attempt) return;
        api.subscribe((event) => {
          if (this.#attempt !== attempt) return;
          for (const listener of [...this.#listeners]) listener.runtimeEvent(event);
        });
        source.hostToml.reportTo(api.storage.report('host-toml'));
        this.#enter({ kind: 'open', api });
      },
      (error: unknown) => {
        if (this.#attempt !== attempt) return;
        this.#failed(triedAgain(asError(error)));
        void before.then((fingerprint) => {
          if (this.#attempt === attempt) this.#checkLater(fingerprint, CHECKS_UNTIL_RETRY);
        });
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

  /** The same failure once more is not reported again. */
  #failed(error: WasiError): void {
    if (this.#phase.kind === 'failed' && this.#phase.error.message === error.message) return;
    this.#enter({ kind: 'failed', error });
  }

  #enter(phase: RuntimePhase): void {
    this.#phase = phase;
    for (const listener of [...this.#listeners]) listener.phaseChanged();
  }
}

function triedAgain({ code, sentence, hostToml, cause }: WasiError): WasiError {
  const again = /[.!?]$/.test(sentence) ? ' It is tried again' : '. It is tried again';
  return new WasiError(code, `${sentence}${again} every half minute, and when host.toml changes.`, { hostToml, cause });
}

async function closed(attempt: Promise<RuntimeApi> | undefined): Promise<void> {
  const api = await attempt?.catch(() => undefined);
  await api?.close();
}

/** The runtime of a deployed wasi-runtime node; undefined for any other node and for none. */
export function runtimeOf(node: Node | null | undefined): SharedRuntime | undefined {
  return node && 'runtime' in node && node.runtime instanceof SharedRuntime ? node.runtime : undefined;
}
