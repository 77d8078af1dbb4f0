/**
 * Preparing and inspecting components: each in a short-lived process of its own with the rights of a guest's process and a
 * folder to write to. One component is prepared at a time in the whole of Node-RED, whichever runtimes it has, since each
 * takes some 300 MB; one is inspected at a time, beside it, so that nobody who only looks waits for a preparation. Who loads
 * what is prepared waits for none of them.
 *
 * `run` rejects with what the task answered, PLUGIN_LOAD_TIMEOUT, PLUGIN_MEMORY, PLUGIN_TRAPPED when the process died of
 * it, and RUNTIME_CLOSED when `signal` is aborted or after `close`: what waits is never begun then, and what is under way is ended.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { failureReason } from '../errors/failure-reason';
import { FIXED, limitKey } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { encodeFrame, FrameReader, ProtocolViolation } from '../guest-process/frames';
import { HardenedProcess, type ProcessEnd } from '../guest-process/hardened-process';
import { MalformedValue } from '../guest-process/value-codec';
import { Beside, makeFolder, removeLeftovers } from '../platform/durable-file';
import { Mutex } from '../platform/mutex';
import { DiskFailure, Shortage, TemporaryFailure } from '../wasm/temporary-failure';
import { type ComponentTask, FROM_TASK_KINDS, parseTaskAnswer, type TaskAnswer, TO_TASK } from './task-messages';

/** Resident, MiB: a Python plugin takes 330, of which jco's generator 240. */
const MEMORY_LIMIT_MB = 1_024;
/** JavaScript heap of its main thread; the generator's thread has its own limit. */
const HEAP_MB = 384;
const WATCH_MS = 250;
/** Below that of running guests: a poll matters more than a new file. */
const NICENESS = 7;

const MUTEXES: Readonly<Record<ComponentTask['kind'], Mutex>> = { inspect: new Mutex(), prepare: new Mutex() };

export class ComponentTasks {
  #state: 'open' | 'closed' = 'open';
  readonly #wanted = new Set<AbortController>();

  constructor(
    /** Where the folders are made that tasks write to. */
    readonly folder: string,
    /** Resident, MiB. Only tests have another. */
    readonly memoryLimitMb = MEMORY_LIMIT_MB,
  ) {}

  /**
   * `ready`: whether somebody else did it while it waited for its turn. `use`: what to do with the answer while the folder that
   * the process wrote to is there; the process is gone by then.
   */
  async run<T>(
    task: ComponentTask,
    signal: AbortSignal,
    ready: () => Promise<T | undefined>,
    use: (answer: TaskAnswer, folder: string) => Promise<T>,
  ): Promise<T> {
    const mine = new AbortController();
    const giveUp = () => mine.abort(closedMeanwhile());
    if (signal.aborted || this.#state === 'closed') throw closedMeanwhile();
    signal.addEventListener('abort', giveUp);
    this.#wanted.add(mine);
    try {
      return await MUTEXES[task.kind].run(
        async () => (await ready()) ?? (await runNow(task, this, mine.signal, use)),
        mine.signal,
      );
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#wanted.delete(mine);
    }
  }

  /** Does not wait for the end of a task under way. Idempotent. */
  close(): void {
    this.#state = 'closed';
    for (const each of this.#wanted) each.abort(closedMeanwhile());
  }
}

async function runNow<T>(
  task: ComponentTask,
  tasks: ComponentTasks,
  signal: AbortSignal,
  use: (answer: TaskAnswer, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await makeWorkFolder(tasks.folder);
  try {
    const answer = await answerOf(task, folder.path, signal, tasks.memoryLimitMb);
    if (answer.kind === 'hindered') throw new TemporaryFailure(answer.code, answer.message);
    if (answer.kind === 'failed') throw new WasiError(answer.code, answer.message);
    return await use(answer, folder.path);
  } finally {
    await folder.discard();
  }
}

/** Settles when the process has ended: its memory is free then, nobody writes to its folder, and the next one may begin. */
async function answerOf(
  task: ComponentTask,
  folder: string,
  signal: AbortSignal,
  memoryLimitMb: number,
): Promise<TaskAnswer> {
  // The process may read this file and no other, whatever links lead to it.
  const path = await realpath(task.path).catch(() => task.path);
  const child = HardenedProcess.spawn({
    script: join(__dirname, 'child', 'component-task-main.js'),
    read: [path],
    write: task.kind === 'prepare' ? [folder] : [],
    workFolder: folder,
    sockets: 1,
    niceness: NICENESS,
    nodeOptions: [`--max-old-space-size=${HEAP_MB}`],
  });
  const [socket] = child.sockets;
  if (!socket) throw new Error('a process has no socket');
  let late: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;
  try {
    return await new Promise<TaskAnswer>((resolve, reject) => {
      late = setTimeout(() => reject(pastDeadline(task.deadlineMs)), task.deadlineMs);
      watch = setInterval(async () => {
        if ((await child.residentMb()) > memoryLimitMb) reject(tooMuchMemory(memoryLimitMb));
      }, WATCH_MS).unref();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (signal.aborted) reject(signal.reason);
      const reader = new FrameReader(FROM_TASK_KINDS);
      socket.on('data', (chunk: Buffer) => {
        try {
          for (const { kind, value } of reader.push(chunk)) resolve(parseTaskAnswer(kind, value));
        } catch (error) {
          if (error instanceof ProtocolViolation || error instanceof MalformedValue) reject(died(error.message));
          else reject(error);
        }
      });
      void child.ended.then((end) => reject(processEnd(end)));
      socket.write(encodeFrame(TO_TASK.task, { ...task, path }));
    });
  } finally {
    clearTimeout(late);
    clearInterval(watch);
    await child.end();
    socket.destroy();
  }
}

/** What tasks of a Node-RED that was killed have left there goes first: it may be what fills the disk. */
async function makeWorkFolder(parent: string): Promise<Beside> {
  const folder = new Beside(join(await existing(parent), 'task'));
  try {
    await removeLeftovers(parent, Date.now());
    await makeFolder(folder.path);
    return folder;
  } catch (cause) {
    await folder.discard();
    throw notKept(parent, cause);
  }
}

/** The process may write to this folder and no other, whatever links lead to it. */
async function existing(folder: string): Promise<string> {
  try {
    await makeFolder(folder);
    return await realpath(folder);
  } catch (cause) {
    throw notKept(folder, cause);
  }
}

function notKept(folder: string, cause: unknown): DiskFailure {
  return new DiskFailure(`what is prepared cannot be kept in ${folder} ${failureReason(cause)}`, { cause });
}

function closedMeanwhile(): WasiError {
  return new WasiError('RUNTIME_CLOSED', 'the plugin was closed while it was being prepared');
}

function pastDeadline(deadlineMs: number): WasiError {
  return new WasiError(
    'PLUGIN_LOAD_TIMEOUT',
    `it was not prepared within ${deadlineMs} ms. Raise ${limitKey('load_deadline_ms')} if it needs longer, or prepare it on a faster machine`,
  );
}

function tooMuchMemory(limitMb: number): WasiError {
  return new WasiError(
    'PLUGIN_MEMORY',
    `preparing it took more than ${limitMb} MiB of memory ${FIXED}. No component of a plugin needs as much: ask its author`,
  );
}

function processEnd({ why, text }: ProcessEnd): WasiError {
  if (why === 'shortage')
    return new Shortage(
      `preparing it ended the process that prepares plugins: ${text}, as where the memory or the threads of this machine are used up`,
    );
  return why === 'memory'
    ? new WasiError('PLUGIN_MEMORY', `preparing it used up the memory that this may take: ${text}`)
    : died(text);
}

function died(how: string): WasiError {
  return new WasiError('PLUGIN_TRAPPED', `preparing it ended the process that prepares plugins: ${how}`);
}
