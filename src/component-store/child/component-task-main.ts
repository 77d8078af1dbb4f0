/**
 * Prepares or inspects one component, and ends: reads it, checks it, has jco translate it, and writes what comes of it to its
 * working folder, which is all that it can write to. It ends at once when Node-RED's process is gone.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { failureReason } from '../../errors/failure-reason';
import { errorFacts } from '../../errors/wasi-error';
import { encodeFrame, FrameReader } from '../../guest-process/frames';
import { FIRST_SOCKET_FD } from '../../guest-process/socket-descriptors';
import { checkComponentNames } from '../../wasm/component-names';
import { type ComponentShape, inspectComponent } from '../../wasm/inspect';
import { prepare } from '../../wasm/prepare';
import { withSafeCoreNames } from '../../wasm/safe-core-names';
import { sha256 } from '../../wasm/sha256';
import { DiskFailure, isShortage, Shortage, TemporaryFailure } from '../../wasm/temporary-failure';
import { admit, checkPinned } from '../component-checks';
import { reading } from '../component-file';
import { type ComponentTask, FROM_TASK, type TaskAnswer, TO_TASK_KINDS } from '../task-messages';

/** The message of a parser may hold a name of the component. */
const MAX_MESSAGE_LENGTH = 2_000;

class NotAdmitted extends Error {
  constructor(readonly shape: ComponentShape) {
    super('it is not admitted');
  }
}

async function perform(task: ComponentTask): Promise<TaskAnswer> {
  const component = await reading(task.path, (path) => readFile(path));
  const digest = sha256(component);
  checkPinned(digest, task);
  if (task.kind === 'inspect') {
    const { imports, exports } = inspectComponent(component);
    checkComponentNames(withSafeCoreNames(component));
    return { kind: 'inspected', component: { digest, sizeBytes: component.length, imports, exports } };
  }
  const { manifest, blobs } = await prepare(component, task.deadlineMs, (shape) => checkAdmission(shape, task));
  for (const [name, bytes] of blobs) await writeBlob(name, bytes);
  return { kind: 'prepared', manifest };
}

function checkAdmission(shape: ComponentShape, task: ComponentTask): void {
  try {
    admit(shape, task);
  } catch {
    throw new NotAdmitted({ imports: shape.imports, exports: shape.exports });
  }
}

async function writeBlob(name: string, bytes: Uint8Array): Promise<void> {
  try {
    // Node-RED's process has it written to the disk: Node.js 26 lets no limited process do so (fsync).
    await writeFile(name, bytes, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new DiskFailure(`what was prepared could not be kept ${failureReason(cause)}`, { cause });
  }
}

async function answer(task: ComponentTask): Promise<TaskAnswer> {
  try {
    return await perform(task);
  } catch (error) {
    if (error instanceof NotAdmitted) return { kind: 'not-admitted', shape: error.shape };
    if (error instanceof TemporaryFailure) return { kind: 'hindered', code: error.code, message: cut(error.message) };
    if (isShortage(error)) {
      const { message } = new Shortage(`it could not be prepared: ${String(error)}`);
      return { kind: 'hindered', code: 'SYSTEM_SHORTAGE', message: cut(message) };
    }
    const { code, message } = errorFacts(error, 'PLUGIN_INVALID');
    return { kind: 'failed', code, message: cut(message) };
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_MESSAGE_LENGTH);
}

function fieldsOf(said: TaskAnswer): unknown {
  switch (said.kind) {
    case 'inspected':
      return said.component;
    case 'not-admitted':
      return said.shape;
    default:
      return said;
  }
}

function endProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}

const socket = new Socket({ fd: FIRST_SOCKET_FD, readable: true, writable: true });
const reader = new FrameReader(TO_TASK_KINDS);
socket.on('data', async (chunk) => {
  // Node-RED's own process sent it: its form is that of task-messages.ts.
  for (const { value } of reader.push(chunk)) {
    const said = await answer(value as ComponentTask);
    socket.write(encodeFrame(FROM_TASK[said.kind], fieldsOf(said)));
  }
});
socket.on('close', endProcess);
socket.on('error', endProcess);
