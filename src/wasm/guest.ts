/**
 * One guest in one worker. Calls run one at a time; a call past its deadline ends the worker, since a spinning guest
 * cannot be interrupted. After any fault but an error result the guest is dead and its worker gone: start another.
 * Knows nothing of plugins, readings or Node-RED.
 *
 * `start` throws PLUGIN_LOAD_TIMEOUT, PLUGIN_INVALID, PLUGIN_TRAPPED, PLUGIN_MEMORY. `call` throws PLUGIN_ERROR (the
 * guest lives on), PLUGIN_DEADLINE, PLUGIN_TRAPPED, PLUGIN_MEMORY, RUNTIME_CLOSED.
 */
import { join } from 'node:path';
import { type TransferListItem, Worker } from 'node:worker_threads';
import { type ErrorFacts, WasiError } from '../errors';
import type { Component } from './component-loader';
import type { FileGuard } from './file-guard';
import type { CallEffects, FromGuest, GuestBirth, GuestFault, ToGuest } from './guest-channel';
import {
  birthError,
  faultError,
  GUEST_HEAP_MB,
  pastDeadline,
  pastLoadDeadline,
  unsendable,
  workerFault,
} from './guest-errors';
import type { OutputStreamName } from './wasi/output-lines';

export interface GuestOptions {
  readonly name: string;
  readonly component: Component;
  readonly importsModule: string;
  readonly importsData: unknown;
  /** Ports inside `importsData`. */
  readonly transfer: readonly TransferListItem[];
  readonly memoryMb: number;
  readonly loadDeadlineMs: number;
  /** Aborted: a guest that is not born yet is given up, with RUNTIME_CLOSED. */
  readonly signal: AbortSignal;
  readonly onOutput: (stream: OutputStreamName, line: string) => void;
  readonly onWarning: (text: string) => void;
}

export interface GuestReturn {
  readonly value: unknown;
  readonly effects: CallEffects;
}

/** A call that the guest ended without a result, with what it left behind. A guest that was stopped leaves nothing. */
export class GuestCallError extends WasiError {
  constructor(
    { code, message }: ErrorFacts,
    readonly effects: CallEffects,
    /** Whether it can be called again. */
    readonly lives: boolean,
  ) {
    super(code, message);
  }
}

const GUEST_YOUNG_HEAP_MB = 8;

/** What is left of the options once the guest is born: not its bytes. */
interface GuestHooks extends Pick<GuestOptions, 'onOutput' | 'onWarning'> {
  release(): void;
}

interface PendingCall {
  readonly id: number;
  settle(outcome: GuestReturn | 'changed' | WasiError): void;
}

type GuestState =
  | { readonly kind: 'starting'; settle(outcome: 'ready' | WasiError): void }
  | { readonly kind: 'idle' }
  | { readonly kind: 'calling'; readonly pending: PendingCall }
  | { readonly kind: 'dead'; readonly cause: WasiError };

export class Guest {
  #state: GuestState;
  #nextCall = 1;
  #memoryBytes = 0;

  private constructor(
    readonly name: string,
    readonly worker: Worker,
    readonly hooks: GuestHooks,
    onStart: (outcome: 'ready' | WasiError) => void,
  ) {
    this.#state = { kind: 'starting', settle: onStart };
    worker.on('message', (message: FromGuest) => this.#hear(message));
    worker.on('error', (error) => this.#die(workerFault(this.name, error)));
    worker.on('exit', () => this.#die(new WasiError('PLUGIN_TRAPPED', `${this.name}: its thread ended`)));
    // Last: a listener to messages would make the thread count again, and a guest must not keep its process alive.
    worker.unref();
  }

  /** Takes `component` over: its buffers move to the guest's thread, its modules are released with the guest's end. */
  static start(options: GuestOptions): Promise<Guest> {
    const { name, component } = options;
    const birth: GuestBirth = {
      name,
      glue: component.glue,
      modules: component.modules,
      memoryMb: options.memoryMb,
      importsModule: options.importsModule,
      importsData: options.importsData,
    };
    const worker = new Worker(join(__dirname, 'guest-worker.js'), {
      name: `plugin ${name}`,
      env: {},
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: GUEST_HEAP_MB, maxYoungGenerationSizeMb: GUEST_YOUNG_HEAP_MB },
    });
    const { onOutput, onWarning, loadDeadlineMs } = options;
    const message: ToGuest = { kind: 'birth', birth };
    return new Promise<Guest>((resolve, reject) => {
      const hooks = { onOutput, onWarning, release: component.release };
      const giveUp = () => guest.#die(new WasiError('RUNTIME_CLOSED', `${name} was closed while it started`));
      const guest: Guest = new Guest(name, worker, hooks, (outcome) => {
        clearTimeout(late);
        options.signal.removeEventListener('abort', giveUp);
        if (outcome === 'ready') resolve(guest);
        else reject(outcome);
      });
      const late = setTimeout(() => guest.#die(pastLoadDeadline(name, loadDeadlineMs)), loadDeadlineMs);
      options.signal.addEventListener('abort', giveUp);
      try {
        worker.postMessage(message, [...options.transfer, component.glue]);
      } catch (error) {
        guest.#die(unsendable(name, error));
      }
      if (options.signal.aborted) giveUp();
    });
  }

  /** Of its linear memories, when it last said so: after its start and after each call that returned. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get alive(): boolean {
    return this.#state.kind !== 'dead';
  }

  async call(instance: string, func: string, args: readonly unknown[], deadlineMs: number): Promise<GuestReturn> {
    const outcome = await this.callWhile([], instance, func, args, deadlineMs);
    if (outcome === 'changed') throw new Error('a call without guards was refused by one');
    return outcome;
  }

  /** `changed`: a guard did not hold, and the guest was not called. */
  callWhile(
    guards: readonly FileGuard[],
    instance: string,
    func: string,
    args: readonly unknown[],
    deadlineMs: number,
  ): Promise<GuestReturn | 'changed'> {
    const state = this.#state;
    if (state.kind === 'dead') return Promise.reject(state.cause);
    if (state.kind !== 'idle') return Promise.reject(new WasiError('POLL_BUSY', `${this.name} is in a call`));
    const id = this.#nextCall++;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#die(pastDeadline(this.name, deadlineMs)), deadlineMs);
      const settle = (outcome: GuestReturn | 'changed' | WasiError) => {
        clearTimeout(late);
        if (outcome instanceof WasiError) reject(outcome);
        else resolve(outcome);
      };
      this.#state = { kind: 'calling', pending: { id, settle } };
      const message: ToGuest = { kind: 'call', call: id, instance, func, args, guards };
      try {
        this.worker.postMessage(message);
      } catch (error) {
        this.#answered(id)?.settle(unsendable(this.name, error));
      }
    });
  }

  /** Ends the worker, whatever it does. A call under way is rejected with RUNTIME_CLOSED. Idempotent. */
  async close(): Promise<void> {
    this.#die(new WasiError('RUNTIME_CLOSED', `${this.name} was closed`));
    await this.worker.terminate();
  }

  #hear(message: FromGuest): void {
    switch (message.kind) {
      case 'output':
        this.hooks.onOutput(message.stream, message.line);
        return;
      case 'warning':
        this.hooks.onWarning(message.text);
        return;
      case 'ready':
        this.#memoryBytes = message.memoryBytes;
        this.#born();
        return;
      case 'stillborn':
        this.#die(birthError(this.name, message.fault));
        return;
      case 'returned':
        this.#memoryBytes = message.memoryBytes;
        this.#answered(message.call)?.settle({ value: message.value, effects: message.effects });
        return;
      case 'changed':
        this.#answered(message.call)?.settle('changed');
        return;
      case 'failed':
        this.#failed(message.call, message.fault, message.effects);
        return;
    }
  }

  #born(): void {
    if (this.#state.kind !== 'starting') return;
    const { settle } = this.#state;
    this.#state = { kind: 'idle' };
    settle('ready');
  }

  /** The call under way, if that is what was answered; the guest is idle from here on. */
  #answered(call: number): PendingCall | undefined {
    if (this.#state.kind !== 'calling' || this.#state.pending.id !== call) return undefined;
    const { pending } = this.#state;
    this.#state = { kind: 'idle' };
    return pending;
  }

  #failed(call: number, fault: GuestFault, effects: CallEffects): void {
    if (fault.kind === 'error') {
      const facts = { code: 'PLUGIN_ERROR', message: `${this.name}: ${fault.message}` } as const;
      this.#answered(call)?.settle(new GuestCallError(facts, effects, true));
    } else {
      const cause = faultError(this.name, fault);
      this.#die(cause, new GuestCallError(cause, effects, false));
    }
  }

  /** `answer`: to the call under way. What it left behind is said once, and not to those that come later. */
  #die(cause: WasiError, answer = cause): void {
    const state = this.#state;
    if (state.kind === 'dead') return;
    this.#state = { kind: 'dead', cause };
    this.hooks.release();
    void this.worker.terminate();
    if (state.kind === 'calling') state.pending.settle(answer);
    if (state.kind === 'starting') state.settle(cause);
  }
}
