/**
 * A guest's thread: instantiates one component and answers calls one at a time. It waits for a call in a blocking read, so
 * that a call costs one system call here; between two calls its event loop turns once, for the promises that jco's glue
 * leaves and for what the garbage collector has to finish. Whatever the guest does ends here, in a frame or with the thread.
 */

import { workerData } from 'node:worker_threads';
import { FIXED } from '../../errors/format-limit';
import { errorFacts, WasiError } from '../../errors/wasi-error';
import { readAtMostSync } from '../../platform/read-at-most';
import { asynchronousFault } from '../../wasm/async-exports';
import { bareGlobals } from '../../wasm/bare-globals';
import { MAX_SCRIPT_BYTES } from '../../wasm/blob-limits';
import { CoreInstances } from '../../wasm/core-instances';
import { DamagedBlob } from '../../wasm/damaged-blob';
import { readData } from '../../wasm/data-segments';
import { evaluateGlue } from '../../wasm/glue';
import { cut, faultOf, type GuestFault } from '../../wasm/guest-fault';
import type { HostAccess, HostImports, HostImportsFactory } from '../../wasm/guest-imports';
import { HostRefusals } from '../../wasm/host-refusals';
import { LiftBudget } from '../../wasm/lift-budget';
import { sha256 } from '../../wasm/sha256';
import { strictTexts } from '../../wasm/strict-texts';
import { traceTraps } from '../../wasm/trap-frames';
import { OutputLines } from '../../wasm/wasi/output-lines';
import { wasiImports } from '../../wasm/wasi/wasi-imports';
import {
  type DeviceReply,
  FROM_GUEST,
  type GuestCall,
  MAX_RESULT_COST,
  parseDeviceReply,
  parseGuestCall,
  TO_GUEST,
  TO_GUEST_KINDS,
} from '../guest-messages';
import { UnknownKind, ValueTooLarge } from '../value-codec';
import { BlockingSocket, SocketClosed } from './blocking-socket';

/** What `workerData` is. */
export interface GuestThreadData {
  readonly fd: number;
  readonly name: string;
  readonly glue: { readonly path: string; readonly digest: string };
  readonly modules: ReadonlyMap<string, ThreadModule>;
  readonly memoryMb: number;
  readonly importsModule: string;
  readonly importsData: unknown;
}

interface ThreadModule {
  readonly module: WebAssembly.Module;
  readonly data?: { readonly path: string; readonly digest: string; readonly memory: string };
}

interface Started {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly host: HostImports;
  readonly instances: CoreInstances;
}

const data: GuestThreadData = workerData;
const socket = new BlockingSocket(data.fd, TO_GUEST_KINDS);
const refusals = new HostRefusals();
const budget = new LiftBudget();
const output = new OutputLines((stream, line) => socket.send(FROM_GUEST.output, { stream, line }));

/** Of the call under way, by method; each answers once. */
let prefetched = new Map<string, DeviceReply>();
/** Calls without arguments that the call under way has made, and those of them that `prefetched` answered. */
const asked = new Set<string>();
const used = new Set<string>();

const access: HostAccess = {
  warn: (text) => socket.send(FROM_GUEST.warning, { text: cut(text) }),
  refused: (count) => socket.send(FROM_GUEST.refused, { count }),
  callDevice(method, args) {
    if (args.length === 0) asked.add(method);
    // What is called with arguments may change what was read before.
    else prefetched.clear();
    const known = prefetched.get(method);
    if (known) {
      prefetched.delete(method);
      used.add(method);
      return resultOf(known);
    }
    socket.send(FROM_GUEST.deviceCall, { method, args });
    const { kind, value } = socket.receive();
    if (kind !== TO_GUEST.deviceReply) throw new SocketClosed();
    return resultOf(parseDeviceReply(value));
  },
};

function resultOf(reply: DeviceReply): unknown {
  if (reply.kind === 'failed') throw WasiError.fromFacts(reply.error);
  return reply.value;
}

async function start(): Promise<Started | undefined> {
  const host = loadFactory(data.importsModule)(data.importsData, access);
  bareGlobals();
  strictTexts();
  traceTraps();
  const modules = [...data.modules.values()];
  const instances = new CoreInstances(
    data.memoryMb,
    modules.map(({ module }) => module),
  );
  const segmentsOf = new Map(modules.map((each) => [each.module, each.data]));
  const coreModule = (file: string): WebAssembly.Module => {
    const found = data.modules.get(file);
    if (!found) throw new Error(`core module ${file} is missing`);
    return found.module;
  };
  const instantiateCore = (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const instance = instances.instantiate(module, imports);
    const segments = segmentsOf.get(module);
    if (segments) readData(segments, exportedMemory(instance, segments.memory));
    return instance;
  };
  try {
    const instantiate = evaluateGlue(readGlue(), `${data.name}.component.js`);
    const exports = await instantiate(
      budget,
      coreModule,
      { ...wasiImports(output), ...refusals.hearing(host.interfaces) },
      instantiateCore,
    );
    if (budget.exceeded) throw budget.exceeded;
    socket.send(FROM_GUEST.ready, { memoryBytes: instances.memoryBytes() });
    return { exports, host, instances };
  } catch (error) {
    const traces = { output, instances, refusals, func: 'its start' };
    socket.send(FROM_GUEST.startFailed, {
      fault: asynchronousFault(error) ?? faultOf(budget.exceeded ?? error, traces),
    });
    return undefined;
  }
}

function readGlue(): string {
  const { path, digest } = data.glue;
  let bytes: Uint8Array;
  try {
    bytes = readAtMostSync(path, MAX_SCRIPT_BYTES);
  } catch (cause) {
    throw DamagedBlob.unreadable(path, cause);
  }
  if (sha256(bytes) !== digest) throw DamagedBlob.altered(path);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function loadFactory(path: string): HostImportsFactory {
  const loaded: { hostImports: HostImportsFactory } = require(path);
  return loaded.hostImports;
}

function exportedMemory(instance: WebAssembly.Instance, name: string): WebAssembly.Memory {
  const memory = instance.exports[name];
  if (!(memory instanceof WebAssembly.Memory)) throw new Error(`core module does not export its memory ${name}`);
  return memory;
}

type Outcome = { readonly value: unknown } | { readonly fault: GuestFault };

/** A promise for an asynchronous export alone: waiting costs a poll that need not wait. */
function answer(started: Started, request: GuestCall): void | Promise<void> {
  prefetched = new Map(request.devices.map(({ method, reply }) => [method, reply]));
  asked.clear();
  used.clear();
  output.forget();
  refusals.forget();
  budget.begin();
  const traces = { output, instances: started.instances, refusals, func: request.func };
  const failed = (error: unknown): Outcome => {
    if (error instanceof SocketClosed) throw error;
    // A guest can catch what it was refused, and return or fail otherwise all the same.
    return { fault: faultOf(budget.exceeded ?? error, traces) };
  };
  const ended = (value: unknown): Outcome => (budget.exceeded ? failed(budget.exceeded) : { value });
  try {
    const value = exported(started.exports, request)(...request.args);
    if (!(value instanceof Promise)) return respond(started, request, ended(value));
    return value.then(ended, failed).then((outcome) => respond(started, request, outcome));
  } catch (error) {
    return respond(started, request, failed(error));
  }
}

function respond({ host, instances }: Started, { call }: GuestCall, outcome: Outcome): void {
  output.flush();
  const { onSuccess, always } = host.takeEffects();
  const reads = asked.size === 0 ? {} : { asked: [...asked], used: [...used] };
  const failed = (fault: GuestFault) => socket.send(FROM_GUEST.failed, { call, fault, always, ...reads });
  if ('fault' in outcome) {
    failed(outcome.fault);
    return;
  }
  try {
    const { value } = outcome;
    const memoryBytes = instances.memoryBytes();
    socket.send(FROM_GUEST.returned, { call, value, onSuccess, always, memoryBytes, ...reads });
  } catch (error) {
    failed(unsendableFault(error));
  }
}

/** Of an answer that cannot be sent. */
function unsendableFault(error: unknown): GuestFault {
  if (error instanceof UnknownKind)
    return { kind: 'refused', message: `it returned a value that no interface of a plugin has: ${error.message}` };
  if (!(error instanceof ValueTooLarge)) throw error;
  return { kind: 'error', message: `it returned more than the ${MAX_RESULT_COST} bytes an answer may have ${FIXED}` };
}

function exported(
  exports: Readonly<Record<string, unknown>>,
  { instance, func }: GuestCall,
): (...args: readonly unknown[]) => unknown {
  const found = Object.hasOwn(exports, instance) ? exports[instance] : undefined;
  const callee: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, func) : undefined;
  if (typeof callee !== 'function') throw new MissingExport(`${instance} ${func}`);
  return (...args) => Reflect.apply(callee, found, args);
}

class MissingExport extends Error {
  override readonly name = 'MissingExport';
}

/** Node-RED's end of the socket is closed, or it wants this thread to end: the thread then has nothing left to do. */
function serve(started: Started): void {
  const { kind, value } = socket.receive();
  if (kind !== TO_GUEST.call) return;
  const answered = answer(started, parseGuestCall(value));
  if (answered instanceof Promise) void answered.then(() => next(serve, started));
  else next(serve, started);
}

/** Taken before the globals are removed. */
const next = setImmediate;

void start().then(
  (started) => {
    if (started) serve(started);
  },
  (error: unknown) => {
    const { message } = errorFacts(error, 'PLUGIN_TRAPPED');
    socket.send(FROM_GUEST.startFailed, { fault: { kind: 'trap', message } });
  },
);
