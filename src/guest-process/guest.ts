/**
 * One guest as Node-RED's process has it: its thread runs in a guest process, and this is the other end of its channel.
 * Calls run one at a time; a call past its deadline ends the thread, since a spinning guest cannot be interrupted. After any
 * fault but an error result the guest is dead and its thread gone: start another.
 *
 * `start` throws PLUGIN_LOAD_TIMEOUT, PLUGIN_INVALID, PLUGIN_TRAPPED, PLUGIN_MEMORY, RUNTIME_CLOSED. `call` throws
 * PLUGIN_ERROR (the guest lives on), PLUGIN_DEADLINE, PLUGIN_TRAPPED, PLUGIN_MEMORY, RUNTIME_CLOSED.
 */
import { type ErrorFacts, errorFacts, WasiError } from '../errors/wasi-error';
import {
  faultError,
  GUEST_HEAP_MB,
  pastDeadline,
  pastLoadDeadline,
  startError,
  unsendable,
} from '../wasm/guest-errors';
import type { GuestFault } from '../wasm/guest-fault';
import type { CallEffects } from '../wasm/guest-imports';
import type { OutputStreamName } from '../wasm/wasi/output-lines';
import type { ModuleFile } from './control-messages';
import type { GuestEnd } from './guest-channel';
import { endError } from './guest-end-errors';
import { type DeviceReads, type DeviceReply, type FromGuest, type PrefetchedReply, TO_GUEST } from './guest-messages';
import type { GuestRoom } from './guest-process';
import type { GuestPlace, GuestProcesses } from './guest-processes';
import { OutputAllowance } from './output-allowance';

export interface GuestOptions extends GuestPlace {
  readonly name: string;
  readonly glue: { readonly path: string; readonly digest: string };
  readonly modules: readonly ModuleFile[];
  readonly importsModule: string;
  readonly importsData: unknown;
  readonly memoryMb: number;
  readonly loadDeadlineMs: number;
  /** Aborted: a guest that has not started yet is given up, with RUNTIME_CLOSED. */
  readonly signal: AbortSignal;
  /** `forbidden`: no guest with these grants may make this call, whose process is then not to be trusted. */
  readonly onDeviceCall: (method: string, args: readonly unknown[]) => Promise<DeviceReply | 'forbidden'>;
  readonly readAhead: ReadAhead;
  readonly onOutput: (stream: OutputStreamName, line: string) => void;
  readonly onWarning: (text: string) => void;
  /** So many more calls were refused by a grant. */
  readonly onRefused: (count: number) => void;
}

/** Device calls without arguments that a guest is expected to make, made beforehand: their answers travel with the call. */
export interface ReadAhead {
  /** Never rejects. */
  read(): Promise<readonly PrefetchedReply[]>;
  /** After each call. `forbidden`: no guest with these grants makes such calls. */
  asked(methods: readonly string[], used: readonly string[]): 'permitted' | 'forbidden';
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

const MAX_DROPPED_LINES = 1_000;

type GuestState =
  | { readonly kind: 'starting'; settle(outcome: 'ready' | WasiError): void }
  | { readonly kind: 'idle' }
  | { readonly kind: 'calling'; readonly call: number; settle(outcome: GuestReturn | WasiError): void }
  | { readonly kind: 'dead'; readonly cause: WasiError };

export class Guest {
  #state: GuestState;
  #room: GuestRoom | undefined;
  #nextCall = 1;
  #memoryBytes = 0;
  /** A guest waits for its device call, so that a second one beside it is not of our making. */
  #inDeviceCall = false;
  readonly #allowance = new OutputAllowance();

  private constructor(
    readonly options: GuestOptions,
    onStart: (outcome: 'ready' | WasiError) => void,
  ) {
    this.#state = { kind: 'starting', settle: onStart };
  }

  static async start(processes: GuestProcesses, options: GuestOptions): Promise<Guest> {
    const { name, signal, loadDeadlineMs } = options;
    let settle: (outcome: 'ready' | WasiError) => void = () => undefined;
    const outcome = new Promise<'ready' | WasiError>((resolve) => {
      settle = resolve;
    });
    const guest = new Guest(options, settle);
    const giveUp = () => guest.#die(new WasiError('RUNTIME_CLOSED', `${name} was closed while it started`));
    const late = setTimeout(() => guest.#die(pastLoadDeadline(name, loadDeadlineMs)), loadDeadlineMs);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    try {
      await guest.#enter(processes);
      const started = await outcome;
      if (started !== 'ready') throw started;
      return guest;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Of its linear memories, when it last said so: after its start and after each call that returned. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get alive(): boolean {
    return this.#state.kind !== 'dead';
  }

  call(instance: string, func: string, args: readonly unknown[], deadlineMs: number): Promise<GuestReturn> {
    const state = this.#state;
    const { name } = this.options;
    if (state.kind === 'dead') return Promise.reject(state.cause);
    if (state.kind !== 'idle') return Promise.reject(new WasiError('POLL_BUSY', `${name} is in a call`));
    const call = this.#nextCall++;
    return new Promise((resolve, reject) => {
      let late: NodeJS.Timeout | undefined;
      const settle = (outcome: GuestReturn | WasiError) => {
        clearTimeout(late);
        if (outcome instanceof WasiError) reject(outcome);
        else resolve(outcome);
      };
      this.#state = { kind: 'calling', call, settle };
      this.#allowance.begin();
      const send = (devices: readonly PrefetchedReply[]) => {
        if (this.#state.kind !== 'calling' || this.#state.call !== call) return;
        // What arrived while Node-RED's loop was busy is read before the deadline counts.
        late = setTimeout(() => setImmediate(() => this.#expire(call, deadlineMs)), deadlineMs);
        try {
          this.#room?.channel.send(TO_GUEST.call, { call, instance, func, args, devices });
        } catch (error) {
          this.#answer(call, unsendable(name, error));
        }
      };
      void this.options.readAhead.read().then(send);
    });
  }

  /** Ends its thread, whatever it does. A call under way is rejected with RUNTIME_CLOSED. Idempotent. */
  close(): void {
    this.#die(new WasiError('RUNTIME_CLOSED', `${this.options.name} was closed`));
  }

  /** It sent what no guest of ours sends: ends it. Returns what is to be said of it. */
  violated(message: string): WasiError {
    const cause = endError(this.options.name, { kind: 'violation', message });
    this.#die(cause);
    return cause;
  }

  async #enter(processes: GuestProcesses): Promise<void> {
    const { name, glue, modules, memoryMb, importsModule, importsData, digest, isolation } = this.options;
    const start = { name, glue, modules, memoryMb, heapMb: GUEST_HEAP_MB, importsModule, importsData };
    const room = await processes.start(
      start,
      { digest, isolation },
      {
        onMessage: (message) => this.#hear(message),
        onEnd: (end) => this.#end(end),
        isActive: () => this.#state.kind === 'starting' || this.#state.kind === 'calling',
      },
    );
    if (this.#state.kind === 'dead') room.end();
    else this.#room = room;
  }

  #hear(message: FromGuest): void {
    const { onOutput, onWarning, onRefused } = this.options;
    switch (message.kind) {
      case 'output':
        if (this.#isAllowed()) onOutput(message.stream, message.line);
        return;
      case 'warning':
        if (this.#isAllowed()) onWarning(message.text);
        return;
      case 'refused':
        onRefused(message.count);
        return;
      case 'deviceCall':
        void this.#serveDevice(message.method, message.args);
        return;
      case 'ready':
        this.#memoryBytes = message.memoryBytes;
        this.#started();
        return;
      case 'startFailed':
        this.#die(startError(this.options.name, message.fault));
        return;
      case 'returned':
        if (!this.#takeReads(message.reads)) return;
        this.#memoryBytes = message.memoryBytes;
        this.#answer(message.call, { value: message.value, effects: message.effects });
        return;
      case 'failed':
        if (!this.#takeReads(message.reads)) return;
        this.#failed(message.call, message.fault, message.effects);
        return;
    }
  }

  /** Its own thread holds lines back long before: what sends more does not run our code. */
  #isAllowed(): boolean {
    if (this.#allowance.take()) return true;
    if (this.#allowance.dropped > MAX_DROPPED_LINES) this.#end({ kind: 'violation', message: 'lines without end' });
    return false;
  }

  #takeReads({ asked, used }: DeviceReads): boolean {
    if (this.options.readAhead.asked(asked, used) === 'permitted') return true;
    this.#end({ kind: 'violation', message: 'a device call that is not granted' });
    return false;
  }

  async #serveDevice(method: string, args: readonly unknown[]): Promise<void> {
    const mayCall = this.#state.kind === 'calling' || this.#state.kind === 'starting';
    if (this.#inDeviceCall || !mayCall) return this.#end({ kind: 'violation', message: 'a device call out of turn' });
    this.#inDeviceCall = true;
    let reply: DeviceReply | 'forbidden';
    try {
      reply = await this.options.onDeviceCall(method, args);
    } catch (error) {
      reply = { kind: 'failed', error: errorFacts(error, 'HARDWARE_IO') };
    }
    this.#inDeviceCall = false;
    if (reply === 'forbidden') return this.#end({ kind: 'violation', message: 'a device call that is not granted' });
    this.#room?.channel.send(TO_GUEST.deviceReply, reply);
  }

  #started(): void {
    if (this.#state.kind !== 'starting') return;
    const { settle } = this.#state;
    this.#state = { kind: 'idle' };
    settle('ready');
  }

  /** Settles the call under way, if it is this one; the guest is idle from here on. */
  #answer(call: number, outcome: GuestReturn | WasiError): void {
    if (this.#state.kind !== 'calling' || this.#state.call !== call) return;
    const { settle } = this.#state;
    this.#state = { kind: 'idle' };
    settle(outcome);
  }

  #failed(call: number, fault: GuestFault, effects: CallEffects): void {
    const { name } = this.options;
    if (fault.kind === 'error') {
      const facts = { code: 'PLUGIN_ERROR', message: `${name}: ${fault.message}` } as const;
      this.#answer(call, new GuestCallError(facts, effects, true));
    } else {
      const cause = faultError(name, fault);
      this.#die(cause, new GuestCallError(cause, effects, false));
    }
  }

  #expire(call: number, deadlineMs: number): void {
    if (this.#state.kind === 'calling' && this.#state.call === call)
      this.#die(pastDeadline(this.options.name, deadlineMs));
  }

  #end(end: GuestEnd): void {
    this.#die(endError(this.options.name, end));
  }

  /** `answer`: to the call under way. What it left behind is told once, and not to those that come later. */
  #die(cause: WasiError, answer = cause): void {
    const state = this.#state;
    if (state.kind === 'dead') return;
    this.#state = { kind: 'dead', cause };
    this.#room?.end();
    if (state.kind === 'calling') state.settle(answer);
    if (state.kind === 'starting') state.settle(cause);
  }
}
