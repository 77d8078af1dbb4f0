/**
 * A process that runs or reads other people's components: how it is started, and what is done to it once it runs.
 * docs/security.md says what each part is worth, and which versions of Node.js have it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { Shortage } from '../wasm/temporary-failure';
import { permissionFlag } from './permission-flag';
import { FIRST_SOCKET_FD } from './socket-descriptors';

/** On a board without memory the kernel ends this process first, never Node-RED. */
const OOM_SCORE_ADJ = 1_000;
const KIB_PER_MIB = 1_024;
/** What V8 prints when it aborts fits: the reason, and after it up to 256 lines of the native stack. More is not kept. */
const MAX_LAST_OUTPUT = 64 * 1_024;

/** It is in the pipe by then; only a process that it started could keep that open. */
const LAST_OUTPUT_LIMIT_MS = 1_000;

/** Compiled code of this package: all that such a process reads besides what it is given. */
const PACKAGE_DIR = join(__dirname, '..', '..');

export interface HardenedProcessOptions {
  readonly script: string;
  /** Folders and files that it may read, besides the code of this package. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Working folder. */
  readonly workFolder: string;
  /** How many socket pairs it has, from FIRST_SOCKET_FD on. */
  readonly sockets: number;
  /** Below Node-RED's priority: flows go on while it computes. */
  readonly niceness: number;
  /** Further options of Node.js. */
  readonly nodeOptions?: readonly string[];
}

/** Why such a process is gone. */
export interface ProcessEnd {
  /**
   * `memory`: it took more than it may have. `unresponsive`: it did not do what it was told in time. `shortage`: the system
   * had no thread for it, or took its memory away.
   */
  readonly why: 'memory' | 'unresponsive' | 'shortage' | 'ended';
  /** A clause that says what happened: `it was ended by SIGKILL`. */
  readonly text: string;
}

/** What Node.js, libuv and V8 say before they abort where the system starts no further thread. */
const NO_THREAD = /uv_thread_create|pthread_create|Resource temporarily unavailable/;
const PERMISSION_FLAG = permissionFlag(process.versions.node);

export class HardenedProcess {
  readonly #child: ChildProcess;
  readonly sockets: readonly Duplex[];
  /** Settles with why it ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  #lastOutput = '';
  #isWanted = true;

  private constructor(child: ChildProcess, sockets: number) {
    this.#child = child;
    this.sockets = Array.from({ length: sockets }, (_, at) => socketOf(child, FIRST_SOCKET_FD + at));
    this.#keepLastOutput(child.stderr);
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const text = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
        whenClosed(child.stderr, () => resolve(this.#end(text, signal)));
      });
    });
    child.unref();
  }

  /** Throws SYSTEM_SHORTAGE where the system starts no further process. */
  static spawn(options: HardenedProcessOptions): HardenedProcess {
    const { script, workFolder, sockets, niceness } = options;
    let child: ChildProcess;
    try {
      child = spawn(process.execPath, [...nodeArguments(options), script], {
        cwd: workFolder,
        env: {},
        stdio: ['ignore', 'ignore', 'pipe', ...Array.from({ length: sockets }, () => 'pipe' as const)],
        windowsHide: true,
      });
    } catch (cause) {
      throw notStarted(cause);
    }
    // Some failures are told by an event alone, and without descriptors there are no sockets at all.
    child.on('error', () => undefined);
    if (child.pid === undefined) throw notStarted(undefined);
    void harden(child, niceness);
    return new HardenedProcess(child, sockets);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends it at once, whatever it does. */
  kill(): void {
    this.#isWanted = false;
    this.#child.kill('SIGKILL');
  }

  /** Ends it, and returns when it is gone: nothing that it did is still under way then. */
  async end(): Promise<void> {
    this.kill();
    this.#child.ref();
    await this.ended;
  }

  /** Resident memory, MiB (proc(5), VmRSS); 0 where this system does not tell. */
  async residentMb(): Promise<number> {
    if (this.pid === undefined || process.platform !== 'linux') return 0;
    try {
      const status = await readFile(`/proc/${this.pid}/status`, 'latin1');
      return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)?.[1] ?? 0) / KIB_PER_MIB;
    } catch {
      // It has just ended, which its owner hears of anyway.
      return 0;
    }
  }

  #keepLastOutput(stderr: Readable | null): void {
    if (!stderr) return;
    unref(stderr);
    stderr.on('error', () => undefined);
    stderr.on('data', (chunk: Buffer) => {
      this.#lastOutput = (this.#lastOutput + chunk.toString('latin1')).slice(-MAX_LAST_OUTPUT);
    });
  }

  /** V8 aborts the whole process where a heap is full in the middle of something. */
  #end(text: string, signal: NodeJS.Signals | null): ProcessEnd {
    const heap = /FATAL ERROR: ([^\n]{1,200})/.exec(this.#lastOutput)?.[1];
    if (heap !== undefined) return { why: 'memory', text: `${text} (${heap.trim()})` };
    // Nobody here ended it: the kernel does where memory is used up, and chooses such a process first.
    const isTaken = signal === 'SIGKILL' && this.#isWanted;
    // libuv aborts without a word where it gets no thread for its pool (threadpool.c, init_threads); V8 always says why.
    const isSilent = signal === 'SIGABRT' && this.#lastOutput === '';
    return { why: isTaken || isSilent || NO_THREAD.test(this.#lastOutput) ? 'shortage' : 'ended', text };
  }
}

function notStarted(cause: unknown): Shortage {
  const why = cause === undefined ? '' : ` (${String(cause)})`;
  return new Shortage(
    `no process for plugins could be started${why}: Node-RED may have too many files open (LimitNOFILE), or the system has no memory or processes left`,
    { cause },
  );
}

/** Access to these folders and to nothing else, where this version of Node.js can enforce it. */
function nodeArguments({ read, write, workFolder, nodeOptions = [] }: HardenedProcessOptions): readonly string[] {
  const limits = PERMISSION_FLAG
    ? [
        PERMISSION_FLAG,
        '--allow-worker',
        // Node.js 20 aborts where a path comes twice.
        ...[...new Set([PACKAGE_DIR, workFolder, ...read])].map((path) => `--allow-fs-read=${path}`),
        ...write.map((path) => `--allow-fs-write=${path}`),
      ]
    : [];
  return ['--disable-proto=delete', '--no-warnings', ...nodeOptions, ...limits];
}

/** Best effort: what this system refuses is left as it is; the doctor says what holds. */
async function harden({ pid }: ChildProcess, niceness: number): Promise<void> {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // It ended already, or this system has no priorities.
  }
  if (process.platform !== 'linux') return;
  await Promise.allSettled([
    writeFile(`/proc/${pid}/oom_score_adj`, String(OOM_SCORE_ADJ)),
    // Memory of a guest never reaches the disk in a core dump.
    writeFile(`/proc/${pid}/coredump_filter`, '0'),
  ]);
}

function socketOf(child: ChildProcess, fd: number): Duplex {
  const socket = child.stdio[fd];
  if (!socket || !('write' in socket) || !('read' in socket)) throw new Error(`descriptor ${fd} is no socket`);
  unref(socket);
  // The end of the process says more than that of its sockets.
  socket.on('error', () => undefined);
  return socket as Duplex;
}

/** What it said last may arrive after the news of its end. */
function whenClosed(stream: Readable | null, act: () => void): void {
  if (!stream || stream.closed) {
    act();
    return;
  }
  const done = () => {
    clearTimeout(late);
    stream.off('close', done);
    act();
  };
  const late = setTimeout(done, LAST_OUTPUT_LIMIT_MS);
  stream.once('close', done);
}

function unref(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}
