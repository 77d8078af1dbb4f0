/**
 * A guest's thread: instantiates one component and answers calls one at a time. Whatever the guest does ends here, in a
 * `failed` message or with the thread; the handle in `guest.ts` keeps the clock and ends the thread when time is up.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { CoreMemories } from './core-memories';
import { allowExtendedConst } from './extended-const';
import { evaluateGlue, type Instantiate } from './glue';
import type { CallEffects, FromGuest, GuestBirth, HostImportsFactory, ToGuest } from './guest-channel';
import { faultOf } from './guest-fault';
import { OutputLines } from './wasi/output-lines';
import { wasiImports } from './wasi/wasi-imports';

const birth: GuestBirth = workerData;
const port = parentPort;
if (!port) throw new Error('guest-worker runs in a worker thread only');

const say = (message: FromGuest) => port.postMessage(message);
const output = new OutputLines((stream, line) => say({ kind: 'output', stream, line }));
const memories = new CoreMemories(birth.memoryMb);

async function instantiate(glue: Instantiate, interfaces: Readonly<Record<string, object>>) {
  return glue(
    (file) => {
      const module = birth.modules.get(file);
      if (!module) throw new Error(`core module ${file} is missing`);
      return module;
    },
    { ...wasiImports(output), ...interfaces },
    (module, imports) => memories.watch(new WebAssembly.Instance(module, imports)),
  );
}

function loadFactory(path: string): HostImportsFactory {
  const loaded: { hostImports: HostImportsFactory } = require(path);
  return loaded.hostImports;
}

/** The glue asks `process` for a debug switch on every call, and its `console` would write past the log: neither is its. */
function disarmGlobals(): void {
  Reflect.deleteProperty(globalThis, 'process');
  Reflect.deleteProperty(globalThis, 'require');
  globalThis.console.error = () => undefined;
  globalThis.console.warn = () => undefined;
  globalThis.console.debug = () => undefined;
}

async function live(): Promise<void> {
  allowExtendedConst();
  const host = loadFactory(birth.importsModule)(birth.importsData, (text) => say({ kind: 'warning', text }));
  const script = Buffer.from(birth.glue).toString('utf8');
  disarmGlobals();
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await instantiate(evaluateGlue(script, `${birth.name}.component.js`), host.interfaces);
  } catch (error) {
    say({ kind: 'stillborn', fault: faultOf(error, output, memories) });
    return;
  }
  const answer = (message: ToGuest): FromGuest => {
    let outcome: { value: unknown } | { fault: ReturnType<typeof faultOf> };
    try {
      outcome = { value: exported(exports, message)(...message.args) };
    } catch (error) {
      outcome = { fault: faultOf(error, output, memories) };
    }
    output.flush();
    const effects: CallEffects = host.takeEffects();
    return 'value' in outcome
      ? { kind: 'returned', call: message.call, value: outcome.value, effects }
      : { kind: 'failed', call: message.call, fault: outcome.fault, effects };
  };
  port?.on('message', (message: ToGuest) => say(answer(message)));
  say({ kind: 'ready' });
}

function exported(
  exports: Readonly<Record<string, unknown>>,
  { instance, func }: ToGuest,
): (...args: readonly unknown[]) => unknown {
  const found = Object.hasOwn(exports, instance) ? exports[instance] : undefined;
  const callee: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, func) : undefined;
  if (typeof callee !== 'function') throw new MissingExport(`${instance} ${func}`);
  return (...args) => Reflect.apply(callee, found, args);
}

class MissingExport extends Error {
  override readonly name = 'MissingExport';
}

void live();
