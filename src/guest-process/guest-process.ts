/**
 * One process in which guests run, each in a thread of its own. Owner of the child: it starts it, stops threads in it,
 * watches whether it responds and what memory it takes, and kills it where it does not do as it should. Every guest hears
 * of its end once. A process that ended is not started again: `guest-processes.ts` makes another.
 *
 * `open` rejects with PLUGIN_TRAPPED when the process does not start.
 */
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WasiError } from '../errors/wasi-error';
import {
  FROM_PROCESS_KINDS,
  type FromProcess,
  parseFromProcess,
  type ThreadStart,
  TO_PROCESS,
} from './control-messages';
import { CHANNELS } from './descriptors';
import { encodeFrame, FrameReader, ProtocolViolation } from './frames';
import { type ChannelUser, GuestChannel } from './guest-channel';
import { HardenedProcess, type ProcessEnd } from './hardened-process';
import { MalformedValue } from './value-codec';

/** Node.js starts in 40 ms on a PC and in a second on a Pi Zero that is busy. */
const OPEN_LIMIT_MS = 20_000;
/** So many looks without a response, each with a turn of Node-RED's own loop between: the process hangs. */
const MAX_SILENT_LOOKS = 15;
/** V8 stops a thread within milliseconds, wherever its WebAssembly is; one that cannot be stopped holds the process. */
export const USUAL_TIMING: ProcessTiming = { watchMs: 1_000, endLimitMs: 5_000 };
/** Node.js itself, compiled modules, and what a thread takes beside its limits, MiB. */
const PROCESS_SHARE_MB = 320;
/** Below Node-RED's priority: flows go on while a guest computes. */
const NICENESS = 5;

export interface GuestProcessOptions {
  /** Of prepared components; read by the process, and nothing else is. */
  readonly storeFolders: readonly string[];
  /** An empty folder. */
  readonly workFolder: string;
  /** It ended, for whatever reason. */
  readonly onEnd: (end: ProcessEnd) => void;
  readonly timing: ProcessTiming;
}

/** ms. */
export interface ProcessTiming {
  /** Between two looks at the process. */
  readonly watchMs: number;
  /** How long a thread that was told to end may take. */
  readonly endLimitMs: number;
}

/** Room for one guest. */
export interface GuestRoom {
  readonly channel: GuestChannel;
  /** Stops the thread, whatever it does; the channel can be used again once it is gone. Idempotent. */
  end(): void;
}

type ProcessState = { readonly kind: 'running'; readonly awaitedLooks: number } | { readonly kind: 'ended' };

export class GuestProcess {
  #state: ProcessState = { kind: 'running', awaitedLooks: 0 };
  readonly #process: HardenedProcess;
  readonly #control: Duplex;
  readonly #channels: readonly GuestChannel[];
  readonly #onEnd: (end: ProcessEnd) => void;
  readonly #watch: NodeJS.Timeout;
  readonly #timing: ProcessTiming;
  /** Of threads that were told to end and are not gone yet, by channel. */
  readonly #ending = new Map<number, NodeJS.Timeout>();
  /** What the guests may take, MiB, by channel. */
  readonly #budgets = new Map<number, number>();
  #opened: { resolve(): void; reject(error: WasiError): void } | undefined;

  private constructor({ storeFolders, workFolder, onEnd, timing }: GuestProcessOptions) {
    this.#timing = timing;
    this.#onEnd = onEnd;
    this.#process = HardenedProcess.spawn({
      script: join(__dirname, 'child', 'guest-process-main.js'),
      // Node.js looks once whether a path is a folder, and a store may be made, or mounted, after this process was started.
      read: storeFolders.map((folder) => join(folder, '*')),
      write: [],
      workFolder,
      sockets: 1 + CHANNELS,
      niceness: NICENESS,
    });
    const [control, ...channels] = this.#process.sockets;
    if (!control) throw new Error('a process has no control socket');
    this.#control = control;
    this.#channels = channels.map((socket, index) => new GuestChannel(index, socket, () => this.#endThread(index)));
    this.#listen();
    void this.#process.ended.then((end) => this.#ended(end));
    this.#watch = setInterval(() => void this.#look(), timing.watchMs);
    this.#watch.unref();
  }

  static async open(options: GuestProcessOptions): Promise<GuestProcess> {
    const started = new GuestProcess(options);
    const late = setTimeout(
      () => started.kill({ why: 'unresponsive', text: `it did not start within ${OPEN_LIMIT_MS} ms` }),
      OPEN_LIMIT_MS,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        started.#opened = { resolve, reject };
      });
    } finally {
      clearTimeout(late);
    }
    return started;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get alive(): boolean {
    return this.#state.kind === 'running';
  }

  /** Also of guests that were told to end and are not gone yet. */
  get threads(): number {
    return this.#budgets.size;
  }

  get hasRoom(): boolean {
    return this.#channels.some(({ isFree }) => isFree);
  }

  /** undefined: it has no room for another guest. */
  start(start: ThreadStart, user: ChannelUser): GuestRoom | undefined {
    const channel = this.alive ? this.#channels.find(({ isFree }) => isFree) : undefined;
    if (!channel) return undefined;
    const frame = encodeFrame(TO_PROCESS.start, { ...start, channel: channel.index });
    channel.take(user);
    this.#budgets.set(channel.index, start.memoryMb + start.heapMb);
    this.#control.write(frame);
    return {
      channel,
      end: () => {
        channel.leave();
        this.#endThread(channel.index);
      },
    };
  }

  /** Ends it and all its guests at once. */
  kill(end: ProcessEnd): void {
    this.#process.kill();
    this.#ended(end);
  }

  /** Ends it; returns when it is gone. */
  async close(): Promise<void> {
    this.kill({ why: 'ended', text: 'it was closed' });
    await this.#process.end();
  }

  #listen(): void {
    const reader = new FrameReader(FROM_PROCESS_KINDS);
    this.#control.on('data', (chunk: Buffer) => {
      if (this.#state.kind === 'ended') return;
      try {
        for (const { kind, value } of reader.push(chunk)) this.#hear(parseFromProcess(kind, value));
      } catch (error) {
        if (!(error instanceof ProtocolViolation || error instanceof MalformedValue)) throw error;
        this.kill({ why: 'ended', text: `it sent what it may not: ${error.message}` });
      }
    });
  }

  #hear(message: FromProcess): void {
    switch (message.kind) {
      case 'opened':
        this.#opened?.resolve();
        return;
      case 'pong':
        if (this.#state.kind === 'running') this.#state = { kind: 'running', awaitedLooks: 0 };
        return;
      case 'exited': {
        clearTimeout(this.#ending.get(message.channel));
        this.#ending.delete(message.channel);
        this.#budgets.delete(message.channel);
        const marker = this.#channels[message.channel]?.threadEnded(message.end);
        if (marker) this.#control.write(encodeFrame(TO_PROCESS.drain, { channel: message.channel, marker }));
        return;
      }
    }
  }

  #endThread(channel: number): void {
    if (this.#state.kind === 'ended' || this.#ending.has(channel) || !this.#budgets.has(channel)) return;
    this.#control.write(encodeFrame(TO_PROCESS.end, { channel }));
    const late = setTimeout(
      () => this.kill({ why: 'unresponsive', text: 'a plugin in it could not be stopped' }),
      this.#timing.endLimitMs,
    );
    late.unref();
    this.#ending.set(channel, late);
  }

  async #look(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'ended') return;
    if (state.awaitedLooks >= MAX_SILENT_LOOKS)
      return this.kill({ why: 'unresponsive', text: 'it did not respond any more' });
    this.#state = { kind: 'running', awaitedLooks: state.awaitedLooks + 1 };
    this.#control.write(encodeFrame(TO_PROCESS.ping, undefined));
    const usedMb = await this.#process.residentMb();
    const allowedMb = PROCESS_SHARE_MB + [...this.#budgets.values()].reduce((sum, mb) => sum + mb, 0);
    if (usedMb <= allowedMb) return;
    const text = `it took ${Math.round(usedMb)} MiB of memory, more than the ${allowedMb} that its plugins may have together`;
    this.kill({ why: 'memory', text });
  }

  #ended(end: ProcessEnd): void {
    if (this.#state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    clearInterval(this.#watch);
    for (const late of this.#ending.values()) clearTimeout(late);
    this.#ending.clear();
    this.#budgets.clear();
    this.#control.destroy();
    for (const channel of this.#channels) channel.close(end);
    this.#opened?.reject(new WasiError('PLUGIN_TRAPPED', `the process of the plugins did not start: ${end.text}`));
    this.#onEnd(end);
  }
}
