/**
 * A guest's thread: instantiates one component and answers calls one at a time. Whatever the guest does ends here, in a
 * `failed` message or with the thread; the handle in `guest.ts` keeps the clock and ends the thread when time is up.
 */

import { parentPort } from 'node:worker_threads';
import { FIXED } from '../limit-text';
import { asynchronousFault } from './async-exports';
import { bareGlobals } from './bare-globals';
import { CoreInstances } from './core-instances';
import { readData } from './data-segments';
import { allowExtendedConst } from './extended-const';
import { hold } from './file-guard';
import { evaluateGlue } from './glue';
import type {
  CallEffects,
  FromGuest,
  GuestBirth,
  GuestCall,
  GuestFault,
  HostImports,
  HostImportsFactory,
  ToGuest,
} from './guest-channel';
import { cut, faultOf } from './guest-fault';
import { HostRefusals } from './host-refusals';
import { exceedsLimit, MAX_RESULT_BYTES } from './result-size';
import { strictTexts } from './strict-texts';
import { traceTraps } from './trap-frames';
import { OutputLines } from './wasi/output-lines';
import { wasiImports } from './wasi/wasi-imports';

const port = parentPort;
if (!port) throw new Error('guest-worker runs in a worker thread only');

const say = (message: FromGuest) => port.postMessage(message);
const output = new OutputLines((stream, line) => say({ kind: 'output', stream, line }));
const refusals = new HostRefusals();

/** What a guest's calls are answered with once it is born. */
interface Living {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly host: HostImports;
  readonly instances: CoreInstances;
}

async function beBorn(birth: GuestBirth): Promise<Living | undefined> {
  allowExtendedConst();
  const host = loadFactory(birth.importsModule)(birth.importsData, (text) => say({ kind: 'warning', text: cut(text) }));
  const script = Buffer.from(birth.glue).toString('utf8');
  bareGlobals();
  strictTexts();
  traceTraps();
  const instances = new CoreInstances(
    birth.memoryMb,
    [...birth.modules.values()].map(({ module }) => module),
  );
  const dataOf = new Map([...birth.modules.values()].map(({ module, data }) => [module, data]));
  const coreModule = (file: string): WebAssembly.Module => {
    const found = birth.modules.get(file);
    if (!found) throw new Error(`core module ${file} is missing`);
    return found.module;
  };
  const instantiateCore = (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const instance = instances.instantiate(module, imports);
    const data = dataOf.get(module);
    if (data) readData(data, exportedMemory(instance, data.memory));
    return instance;
  };
  try {
    const instantiate = evaluateGlue(script, `${birth.name}.component.js`);
    const imports = { ...wasiImports(output), ...refusals.hearing(host.interfaces) };
    const exports = await instantiate(coreModule, imports, instantiateCore);
    say({ kind: 'ready', memoryBytes: instances.memoryBytes() });
    return { exports, host, instances };
  } catch (error) {
    const context = { output, instances, refusals, func: 'its start' };
    say({ kind: 'stillborn', fault: asynchronousFault(error) ?? faultOf(error, context) });
    return undefined;
  }
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
function answer(living: Living, message: GuestCall): FromGuest | Promise<FromGuest> {
  if (!hold(message.guards)) return { kind: 'changed', call: message.call };
  output.forget();
  refusals.forget();
  const context = { output, instances: living.instances, refusals, func: message.func };
  const failed = (error: unknown): Outcome => ({ fault: faultOf(error, context) });
  try {
    const value = exported(living.exports, message)(...message.args);
    if (!(value instanceof Promise)) return answerWith(living, message, returned(value));
    return value.then(returned, failed).then((outcome) => answerWith(living, message, outcome));
  } catch (error) {
    return answerWith(living, message, failed(error));
  }
}

function returned(value: unknown): Outcome {
  return exceedsLimit(value) ? { fault: tooLarge() } : { value };
}

function answerWith({ host, instances }: Living, message: GuestCall, outcome: Outcome): FromGuest {
  output.flush();
  const effects: CallEffects = host.takeEffects();
  const memoryBytes = instances.memoryBytes();
  return 'value' in outcome
    ? { kind: 'returned', call: message.call, value: outcome.value, effects, memoryBytes }
    : { kind: 'failed', call: message.call, fault: outcome.fault, effects };
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

function tooLarge(): GuestFault {
  return { kind: 'error', message: `it returned more than the ${MAX_RESULT_BYTES} bytes an answer may have ${FIXED}` };
}

class MissingExport extends Error {
  override readonly name = 'MissingExport';
}

port.once('message', (message: ToGuest) => {
  if (message.kind !== 'birth') return;
  void beBorn(message.birth).then((living) => {
    if (!living) return;
    port.on('message', (call: ToGuest) => {
      if (call.kind !== 'call') return;
      const answered = answer(living, call);
      if (answered instanceof Promise) void answered.then(say);
      else say(answered);
    });
  });
});
