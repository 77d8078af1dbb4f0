/**
 * The calling side of the loader's thread: asks for one component at a time, keeps compiled core modules by content for
 * as long as somebody uses them, and gives every instance the same ones (libpython alone is 6 MB in each Python
 * plugin). The thread starts with the first request and ends when nothing was asked for a while. What it says is not
 * prepared is prepared elsewhere (component-preparer.ts), and other components are loaded meanwhile.
 *
 * Throws what preparing throws, PLUGIN_LOAD_TIMEOUT, PLUGIN_TRAPPED when the thread died of it, and RUNTIME_CLOSED after
 * `close`, which does not wait for a load under way.
 */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WasiError } from '../errors';
import { limitKey } from '../limit-text';
import { ComponentPreparer } from './component-preparer';
import { DiskFailure } from './disk-failure';
import type { ComponentShape } from './inspect';
import type {
  ComponentSource,
  Conditions,
  CoreModule,
  FromLoader,
  InspectedComponent,
  InspectRequest,
  LoadedComponent,
  LoaderSettings,
  LoadRequest,
  Unprepared,
} from './loader-channel';

/** A component ready to be instantiated, once: its buffers go to the guest's thread. */
export interface Component extends ComponentShape {
  readonly digest: string;
  readonly glue: ArrayBuffer;
  /** Compiled core modules by the name the glue asks for. */
  readonly modules: ReadonlyMap<string, CoreModule>;
  /** Gives the compiled modules back; those that nobody else uses are forgotten. Idempotent. */
  release(): void;
}

/** PLUGIN_INVALID for another than the pinned component. */
export interface LoadLimits extends Conditions {
  readonly memoryMb: number;
  /** Of loading what is prepared, and of preparing it. */
  readonly deadlineMs: number;
  /** After a start that ended in DamagedBlob: a guest's thread notices damaged data, and cannot mend it. */
  readonly checkData: boolean;
}

/** Long enough that the plugins of one start share a thread, short enough that its memory is soon given back. */
const IDLE_MS = 10_000;

/** Hashing and reading the largest file there may be, on a slow card. */
const INSPECT_LIMIT_MS = 30_000;

/** Of loads that nobody gives up. */
const NEVER = new AbortController().signal;

type Answer = Exclude<FromLoader, { readonly kind: 'failed' | 'hindered' }>;

interface HeldModule {
  readonly module: WebAssembly.Module;
  users: number;
}

type LoaderState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly worker: Worker; readonly idle: NodeJS.Timeout }
  | { readonly kind: 'closed' };

export class ComponentLoader {
  #state: LoaderState = { kind: 'idle' };
  #turn: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  readonly #held = new Map<string, HeldModule>();
  readonly #preparer: ComponentPreparer;

  constructor(
    readonly settings: LoaderSettings,
    readonly idleMs = IDLE_MS,
  ) {
    this.#preparer = new ComponentPreparer(settings.storeDir);
  }

  /** Whether there is a thread: only while something loads, and for a while after. */
  get running(): boolean {
    return this.#state.kind === 'running';
  }

  /** Compiled modules that somebody uses. */
  get heldModules(): number {
    return this.#held.size;
  }

  /**
   * What is prepared is loaded in turn: the second of two Python plugins then finds the first one's modules. What is not
   * waits for its preparation alone, which `signal` ends.
   */
  async load(source: ComponentSource, limits: LoadLimits, signal = NEVER): Promise<Component> {
    const found = await this.#inTurn(() => this.#loadNow(source, limits));
    if (typeof found !== 'string') return found;
    if (source.kind !== 'file') throw new Error('only a file can be prepared');
    const { deadlineMs, onlySha256, admission } = limits;
    const digest = await this.#preparer.prepare(
      {
        path: source.path,
        why: found,
        deadlineMs,
        ...(onlySha256 === undefined ? {} : { onlySha256 }),
        ...(admission === undefined ? {} : { admission }),
      },
      signal,
    );
    const prepared = await this.#inTurn(() => this.#loadNow({ kind: 'stored', digest }, limits));
    if (typeof prepared === 'string') throw new Error('what was prepared just now is not prepared');
    return prepared;
  }

  /**
   * Looks at a component without preparing or running any of it, in turn with what is loaded. Throws PLUGIN_INVALID for
   * what is none, and for names that no component needs.
   */
  inspect(source: ComponentSource, onlySha256?: string): Promise<InspectedComponent> {
    return this.#inTurn(() => this.#inspectNow(source, onlySha256));
  }

  /** Starts the thread, so that it is there for the first request; ended like after one. */
  wake(): void {
    this.#thread();
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#preparer.close();
    if (state.kind === 'running') {
      clearTimeout(state.idle);
      await state.worker.terminate();
    }
    this.#held.clear();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(task);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #loadNow(source: LoadRequest['source'], limits: LoadLimits): Promise<Component | Unprepared> {
    const worker = this.#thread();
    const held = new Map(this.#held);
    const { deadlineMs, ...asked } = limits;
    const request: LoadRequest = { kind: 'load', id: this.#nextId++, source, ...asked, held: [...held.keys()] };
    const answer = await this.#ask(worker, request, deadlineMs);
    if (answer.kind === 'unprepared') return answer.why;
    if (answer.kind !== 'loaded') throw unexpected(answer);
    return this.#hold(answer.component, held);
  }

  async #inspectNow(source: ComponentSource, onlySha256: string | undefined): Promise<InspectedComponent> {
    const request: InspectRequest = {
      kind: 'inspect',
      id: this.#nextId++,
      source,
      ...(onlySha256 === undefined ? {} : { onlySha256 }),
    };
    const inspected = await this.#ask(this.#thread(), request, INSPECT_LIMIT_MS);
    if (inspected.kind !== 'inspected') throw unexpected(inspected);
    return inspected.component;
  }

  /** A thread that is late, or does what nobody expects, is not asked again. */
  async #ask(worker: Worker, request: LoadRequest | InspectRequest, limitMs: number): Promise<Answer> {
    try {
      const answer = await ask(worker, request, limitMs);
      if (this.#isClosed()) throw closedWhileLoading();
      return answer;
    } catch (error) {
      if (this.#isClosed()) throw closedWhileLoading();
      if (error instanceof WasiError && error.code !== 'PLUGIN_LOAD_TIMEOUT') throw error;
      this.#endThread();
      throw error;
    }
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #thread(): Worker {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        throw closedWhileLoading();
      case 'running':
        state.idle.refresh();
        return state.worker;
      case 'idle': {
        const worker = new Worker(join(__dirname, 'loader-worker.js'), {
          workerData: this.settings,
          env: {},
          argv: [],
          execArgv: [],
        });
        const forget = () => {
          if (this.#state.kind === 'running' && this.#state.worker === worker) {
            clearTimeout(this.#state.idle);
            this.#state = { kind: 'idle' };
          }
        };
        worker.on('error', forget);
        worker.on('exit', forget);
        worker.unref();
        const idle = setTimeout(() => void this.#turn.then(() => this.#endThread()), this.idleMs);
        idle.unref();
        this.#state = { kind: 'running', worker, idle };
        return worker;
      }
    }
  }

  /** Does not wait for the end: a thread that is compiling ends when that is over, and nobody needs it any more. */
  #endThread(): void {
    if (this.#state.kind !== 'running') return;
    const { worker, idle } = this.#state;
    clearTimeout(idle);
    this.#state = { kind: 'idle' };
    void worker.terminate();
  }

  /** `asked`: what was held when the request went out; a release meanwhile must not lose a module it relied on. */
  #hold(loaded: LoadedComponent, asked: ReadonlyMap<string, HeldModule>): Component {
    const modules = new Map<string, CoreModule>();
    const used: HeldModule[] = [];
    for (const { file, key, module, data } of loaded.modules) {
      const held = this.#held.get(key) ?? asked.get(key) ?? (module && { module, users: 0 });
      if (!held) throw new WasiError('PLUGIN_INVALID', `core module ${file} was not loaded`);
      held.users += 1;
      used.push(held);
      this.#held.set(key, held);
      modules.set(file, { module: held.module, ...(data ? { data } : {}) });
    }
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      for (const held of used) held.users -= 1;
      for (const [key, held] of this.#held) if (held.users === 0) this.#held.delete(key);
    };
    return {
      digest: loaded.digest,
      imports: loaded.imports,
      exports: loaded.exports,
      glue: loaded.glue,
      modules,
      release,
    };
  }
}

function closedWhileLoading(): WasiError {
  return new WasiError('RUNTIME_CLOSED', 'the runtime was closed while a plugin was loading');
}

function unexpected(answer: Answer): Error {
  return new Error(`the thread that loads plugins answered that something was ${answer.kind}`);
}

function ask(worker: Worker, request: LoadRequest | InspectRequest, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(late);
      worker.off('message', onAnswer);
      worker.off('error', onError);
      worker.off('exit', onExit);
      then();
    };
    const onAnswer = (answer: FromLoader) => {
      if (answer.id !== request.id) return;
      if (answer.kind === 'failed') settle(() => reject(WasiError.fromFacts(answer.error)));
      else if (answer.kind === 'hindered') settle(() => reject(new DiskFailure(answer.message)));
      else settle(() => resolve(answer));
    };
    const onError = (cause: Error) =>
      settle(() =>
        reject(
          new WasiError('PLUGIN_TRAPPED', `loading it ended the thread that loads plugins: ${cause.message}`, {
            cause,
          }),
        ),
      );
    const onExit = () =>
      settle(() => reject(new WasiError('PLUGIN_TRAPPED', 'loading it ended the thread that loads plugins')));
    const late = setTimeout(
      () =>
        settle(() =>
          reject(
            new WasiError(
              'PLUGIN_LOAD_TIMEOUT',
              `it was not loaded within ${limitMs} ms. Raise ${limitKey('load_deadline_ms')} if it needs longer`,
            ),
          ),
        ),
      limitMs,
    );
    worker.on('message', onAnswer);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(request);
  });
}
