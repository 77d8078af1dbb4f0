/**
 * Owner of the device thread. The runtime calls devices through it without blocking, for itself and for its guests. A thread
 * that dies fails the calls it had with HARDWARE_IO and is restarted after a delay that doubles; the next call finds the new
 * one.
 *
 * `openDeviceThread` rejects with what the backend cannot open with, HARDWARE_IO when it does not start in time. `call`
 * rejects as the backend does, and with RUNTIME_CLOSED after `close`. `close` gives the backend one second to put its
 * devices to rest, then ends the thread.
 */
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorFacts, errorFacts, WasiError } from '../errors/wasi-error';
import {
  callLimitMs,
  type DeviceRequest,
  type DeviceThreadBirth,
  type FromDeviceThread,
  THREAD_ENDED_TEXT,
  type ToDeviceThread,
} from './device-channel';
import type { DeviceArguments, DeviceMethod, DeviceResult, HardwareChoice, HardwareSettings } from './hardware';
import type { DeviceNotice } from './notices';
import { PendingCalls } from './pending-calls';
import { planRestart, type RestartPlan } from './restart-delay';

/** Opening lines and files takes milliseconds; a thread on a busy Pi Zero takes a second. */
const OPEN_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 1_000;

type ThreadState =
  | { readonly kind: 'new' }
  /** `first`: nobody has been told yet that the devices can be had. */
  | { readonly kind: 'opening'; readonly worker: Worker; readonly late: NodeJS.Timeout; readonly first: boolean }
  | { readonly kind: 'running'; readonly worker: Worker; readonly since: number }
  /** `ended`: its devices were put to rest, and it is gone. */
  | { readonly kind: 'resting'; readonly ended: Promise<void> }
  | { readonly kind: 'waiting-to-restart'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'closed' };

/** What a call of a device brought. */
export type DeviceOutcome =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };

/** The devices as one guest may call them. */
export interface DeviceCaller {
  /** Rejects with a WasiError. */
  call(method: DeviceMethod, args: readonly unknown[]): Promise<unknown>;
  /** Calls without arguments, all at once and answered together, in their order. Never rejects. */
  read(methods: readonly DeviceMethod[]): Promise<readonly DeviceOutcome[]>;
}

export interface DeviceThreadOptions {
  /** The thread's script, the pause before its restart and the limit of a call: only tests have others. */
  readonly script?: string;
  readonly limitMs?: (request: DeviceRequest) => number;
  readonly plan?: (deathsBefore: number, livedMs: number) => RestartPlan;
  /** Told of every death and its consequence, for the log. */
  readonly onDeath?: (text: string) => void;
  /** What the devices have to say by themselves, for the log. */
  readonly onNotice?: (notice: DeviceNotice) => void;
}

export async function openDeviceThread(
  choice: HardwareChoice,
  settings: HardwareSettings,
  options: DeviceThreadOptions = {},
): Promise<DeviceThread> {
  const thread = new DeviceThread({ choice, settings }, options);
  try {
    await thread.start();
  } catch (error) {
    await thread.close();
    throw error;
  }
  return thread;
}

export class DeviceThread {
  #birth: DeviceThreadBirth;
  readonly #script: string;
  readonly #plan: (deathsBefore: number, livedMs: number) => RestartPlan;
  readonly #onDeath: (text: string) => void;
  readonly #onNotice: (notice: DeviceNotice) => void;
  readonly #calls: PendingCalls;
  #guests = 0;
  readonly #starts = new EventEmitter();
  #state: ThreadState = { kind: 'new' };
  #deaths = 0;
  #closing: Promise<void> | undefined;

  constructor(birth: DeviceThreadBirth, options: DeviceThreadOptions) {
    this.#birth = birth;
    this.#calls = new PendingCalls(options.limitMs ?? callLimitMs);
    this.#script = options.script ?? join(__dirname, 'device-thread-worker.js');
    this.#plan = options.plan ?? planRestart;
    this.#onDeath = options.onDeath ?? (() => undefined);
    this.#onNotice = options.onNotice ?? (() => undefined);
  }

  /** Settles with the first start; where the thread ends later, it is started again by itself. */
  start(): Promise<void> {
    const opened = new Promise<void>((resolve, reject) => {
      this.#starts.once('opened', resolve);
      this.#starts.once('failed', reject);
    });
    this.#state = this.#startWorker(true);
    return opened;
  }

  /** Bounded in time, as `callLimitMs` says. */
  call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): Promise<DeviceResult<M>> {
    return this.#call(method, args);
  }

  /**
   * For one guest, whose calls `device-permissions.ts` has checked. Each guest is served one call at a time: one that has
   * given up a call may not make the next before the devices are done with it.
   */
  callerFor(): DeviceCaller {
    this.#guests += 1;
    const guest = this.#guests;
    return {
      call: (method, args) => this.#call(method, args as DeviceArguments<DeviceMethod>, guest),
      read: (methods) => this.#read(methods, guest),
    };
  }

  /**
   * Puts the devices to rest and opens them with other settings. Returns when
   * it runs, or when its start failed and is tried again later. A call meanwhile fails with HARDWARE_IO.
   */
  async reopen(settings: HardwareSettings): Promise<void> {
    this.#birth = { ...this.#birth, settings };
    const before = this.#state;
    // Else the next start takes them anyway.
    if (before.kind !== 'running' && before.kind !== 'opening') return;
    if (before.kind === 'opening') clearTimeout(before.late);
    const ended = endAtRest(before.worker);
    this.#state = { kind: 'resting', ended };
    this.#cutOff(new WasiError('HARDWARE_IO', THREAD_ENDED_TEXT));
    await ended;
    if (this.#isClosed()) return;
    const settled = new Promise<void>((resolve) => this.#starts.once('settled', resolve));
    this.#state = this.#startWorker(false);
    await settled;
  }

  /** What the next start takes; the thread that runs has it already. */
  remember(settings: HardwareSettings): void {
    this.#birth = { ...this.#birth, settings };
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<M extends DeviceMethod>(method: M, args: DeviceArguments<M>, guest?: number): Promise<DeviceResult<M>> {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        throw new WasiError('RUNTIME_CLOSED', `${method} was asked for after the devices were closed`);
      case 'new':
      case 'opening':
      case 'resting':
      case 'waiting-to-restart':
        throw new WasiError('HARDWARE_IO', THREAD_ENDED_TEXT);
      case 'running':
        return this.#calls.start((request) => tell(state.worker, { kind: 'call', request }), method, args, guest);
    }
  }

  #read(methods: readonly DeviceMethod[], guest: number): Promise<readonly DeviceOutcome[]> {
    const state = this.#state;
    if (state.kind !== 'running') {
      const error = { code: 'HARDWARE_IO', message: THREAD_ENDED_TEXT } as const;
      return Promise.resolve(methods.map(() => ({ kind: 'failed', error })));
    }
    const requests: DeviceRequest[] = [];
    const none: readonly unknown[] = [];
    const calls = methods.map((method) =>
      this.#calls
        .start((request) => requests.push(request), method, none as DeviceArguments<DeviceMethod>, guest)
        .then(
          (value): DeviceOutcome => ({ kind: 'result', value }),
          (error: unknown): DeviceOutcome => ({ kind: 'failed', error: errorFacts(error, 'HARDWARE_IO') }),
        ),
    );
    tell(state.worker, { kind: 'calls', requests });
    return Promise.all(calls);
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #startWorker(first: boolean): ThreadState {
    const worker = new Worker(this.#script, { workerData: this.#birth, env: {}, argv: [], execArgv: [] });
    let cause: Error | undefined;
    const giveUp = (error: Error) => {
      cause = error;
      void worker.terminate();
    };
    const late = setTimeout(() => {
      giveUp(
        new WasiError('HARDWARE_IO', `the thread that drives the devices did not start within ${OPEN_LIMIT_MS} ms`),
      );
    }, OPEN_LIMIT_MS);
    worker.on('message', (message: FromDeviceThread) => {
      switch (message.kind) {
        case 'opened':
          clearTimeout(late);
          this.#run(worker);
          break;
        case 'not-opened':
          giveUp(WasiError.fromFacts(message.error));
          break;
        case 'answers':
          for (const answer of message.answers) this.#calls.settle(answer);
          break;
        case 'notice':
          this.#onNotice(message.notice);
          break;
        case 'closed':
          break;
      }
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => {
      clearTimeout(late);
      this.#die(
        worker,
        cause ?? new WasiError('HARDWARE_IO', `the thread that drives the devices ended with code ${code}`),
      );
    });
    return { kind: 'opening', worker, late, first };
  }

  #run(worker: Worker): void {
    if (this.#state.kind !== 'opening') return;
    worker.unref();
    this.#state = { kind: 'running', worker, since: performance.now() };
    this.#starts.emit('opened');
    this.#starts.emit('settled');
  }

  #die(worker: Worker, cause: Error): void {
    const before = this.#state;
    // A thread that was put to rest ends as it should.
    if ((before.kind !== 'opening' && before.kind !== 'running') || before.worker !== worker) return;
    if (before.kind === 'opening' && before.first) {
      this.#state = { kind: 'closed' };
      this.#starts.emit('failed', cause);
      this.#starts.emit('settled');
      return;
    }
    const livedMs = before.kind === 'running' ? performance.now() - before.since : 0;
    const { deaths, delayMs } = this.#plan(this.#deaths, livedMs);
    this.#deaths = deaths;
    const timer = setTimeout(() => {
      this.#state = this.#startWorker(false);
    }, delayMs);
    timer.unref();
    this.#state = { kind: 'waiting-to-restart', timer };
    this.#cutOff(new WasiError('HARDWARE_IO', THREAD_ENDED_TEXT, { cause }));
    this.#onDeath(`the thread that drives the devices ended (${cause.message}); it is started again in ${delayMs} ms`);
    this.#starts.emit('settled');
  }

  /** Nobody waits for a thread that is gone. */
  #cutOff(error: WasiError): void {
    this.#calls.failAll(error);
  }

  async #end(): Promise<void> {
    const before = this.#state;
    this.#state = { kind: 'closed' };
    this.#starts.emit('settled');
    this.#cutOff(new WasiError('RUNTIME_CLOSED', 'the devices were closed during the call'));
    switch (before.kind) {
      case 'opening':
        clearTimeout(before.late);
        await before.worker.terminate();
        break;
      case 'running':
        await endAtRest(before.worker);
        break;
      case 'resting':
        await before.ended;
        break;
      case 'waiting-to-restart':
        clearTimeout(before.timer);
        break;
      case 'new':
      case 'closed':
        break;
    }
  }
}

function tell(worker: Worker, message: ToDeviceThread): void {
  worker.postMessage(message);
}

/** The backend's own end, bounded: a relay switched off is worth a second, a hanging driver is not worth more. */
async function endAtRest(worker: Worker): Promise<void> {
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, CLOSE_LIMIT_MS);
    const done = () => {
      clearTimeout(limit);
      resolve();
    };
    worker.on('exit', done);
    worker.on('message', (message: FromDeviceThread) => {
      if (message.kind === 'closed') done();
    });
    tell(worker, { kind: 'close' });
  });
  await worker.terminate();
}
