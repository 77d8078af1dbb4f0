/**
 * Main thread of a guest process: compiles the core modules of guests, starts and stops their threads, and runs none of
 * their code. It ends at once when Node-RED's process is gone.
 */
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WasiError } from '../../errors/wasi-error';
import { DamagedBlob } from '../../wasm/damaged-blob';
import { allowExtendedConst } from '../../wasm/extended-const';
import { isShortage, isThreadShortage } from '../../wasm/temporary-failure';
import {
  FROM_PROCESS,
  type ModuleFile,
  type ThreadEnd,
  type ThreadStart,
  TO_PROCESS,
  TO_PROCESS_KINDS,
} from '../control-messages';
import { CONTROL_FD, channelFd } from '../descriptors';
import { encodeFrame, type FrameKind, FrameReader } from '../frames';
import { CoreModules, NotAccepted } from './core-modules';
import type { GuestThreadData } from './guest-thread';

const YOUNG_HEAP_MB = 8;
const MAX_MESSAGE_LENGTH = 500;

const modules = new CoreModules();
/** By channel. */
const threads = new Map<number, Worker>();
const control = new Socket({ fd: CONTROL_FD, readable: true, writable: true });

interface Start extends ThreadStart {
  readonly channel: number;
}

function send(kind: FrameKind, value: unknown): void {
  control.write(encodeFrame(kind, value));
}

function exited(channel: number, end: ThreadEnd): void {
  const message = 'message' in end ? end.message.slice(0, MAX_MESSAGE_LENGTH) : '';
  send(FROM_PROCESS.exited, { channel, end: end.kind, message, ...('code' in end ? { code: end.code } : {}) });
}

/** One after the other for each channel: an end that arrives while modules are compiled waits for the thread. */
const turns = new Map<number, Promise<void>>();

function inTurn(channel: number, work: () => Promise<void> | void): void {
  const before = turns.get(channel) ?? Promise.resolve();
  turns.set(channel, before.then(work));
}

async function start(request: Start): Promise<void> {
  const { channel } = request;
  let use: Awaited<ReturnType<CoreModules['use']>>;
  try {
    use = await modules.use(request.modules);
  } catch (error) {
    exited(channel, failureOf(error));
    return;
  }
  const data: GuestThreadData = {
    fd: channelFd(channel),
    name: request.name,
    glue: request.glue,
    modules: new Map(
      request.modules.map((file: ModuleFile) => {
        const module = use.modules.get(file.file);
        if (!module) throw new Error(`core module ${file.file} is missing`);
        return [file.file, { module, ...(file.data ? { data: file.data } : {}) }];
      }),
    ),
    memoryMb: request.memoryMb,
    importsModule: request.importsModule,
    importsData: request.importsData,
  };
  const worker = new Worker(join(__dirname, 'guest-thread.js'), {
    name: `plugin ${request.name}`,
    workerData: data,
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: request.heapMb, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
  });
  threads.set(channel, worker);
  let end: ThreadEnd = { kind: 'stopped' };
  worker.on('error', (error) => {
    const outOfHeap = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (outOfHeap) end = { kind: 'heap' };
    else end = { kind: isThreadShortage(error) ? 'shortage' : 'failed', message: error.message };
  });
  worker.on('exit', () => {
    threads.delete(channel);
    use.release();
    exited(channel, end);
  });
}

function failureOf(error: unknown): ThreadEnd {
  const message = error instanceof Error ? error.message : String(error);
  if (isShortage(error)) return { kind: 'shortage', message };
  if (error instanceof DamagedBlob) return { kind: 'damaged', message };
  if (error instanceof WasiError) return { kind: 'refused', code: error.code, message };
  return error instanceof NotAccepted ? { kind: 'invalid', message } : { kind: 'failed', message };
}

/** A thread that already ended has said so. */
async function end(channel: number): Promise<void> {
  await threads.get(channel)?.terminate();
}

/**
 * A thread that was stopped may have left half a frame in either direction. Both ends discard what comes before the
 * marker, and the channel can be used again. Node-RED has written its marker already.
 */
function drain(channel: number, marker: Uint8Array): void {
  const fd = channelFd(channel);
  const wanted = Buffer.from(marker);
  let seen = Buffer.alloc(0);
  const chunk = Buffer.alloc(4_096);
  while (!seen.subarray(-wanted.length).equals(wanted)) {
    const length = readSync(fd, chunk, 0, chunk.length, null);
    if (length === 0) return;
    seen = Buffer.concat([seen.subarray(-wanted.length), chunk.subarray(0, length)]);
  }
  for (let at = 0; at < wanted.length; ) at += writeSync(fd, wanted, at);
}

function handle(kind: FrameKind, value: unknown): void {
  // Node-RED's own process sent it: its form is that of control-messages.ts.
  switch (kind) {
    case TO_PROCESS.start: {
      const request = value as Start;
      inTurn(request.channel, () => start(request));
      break;
    }
    case TO_PROCESS.end: {
      const { channel } = value as { readonly channel: number };
      inTurn(channel, () => end(channel));
      break;
    }
    case TO_PROCESS.drain: {
      const { channel, marker } = value as { readonly channel: number; readonly marker: Uint8Array };
      inTurn(channel, () => drain(channel, marker));
      break;
    }
    default:
      send(FROM_PROCESS.pong, {});
  }
}

/** Threads may be anywhere, also in a guest's endless loop: nothing but the system ends them at once. */
function endProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}

allowExtendedConst();
const reader = new FrameReader(TO_PROCESS_KINDS);
control.on('data', (chunk) => {
  for (const { kind, value } of reader.push(chunk)) handle(kind, value);
});
control.on('close', endProcess);
control.on('error', endProcess);
send(FROM_PROCESS.opened, {});
