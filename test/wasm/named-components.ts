/** Components whose core names are chosen by a test, and jco's generator with a watch over what it makes of them. */
import { evaluateGlue, scriptFromGlue } from '../../src/wasm/glue';
import { LiftBudget } from '../../src/wasm/lift-budget';
import { fromText } from './components';
import { SENSOR_LOGIC } from './engine';
import { type GeneratedFiles, openRawGenerator, type RawGenerator } from './raw-generator';

/** What each component answers. */
export const ANSWER = 'ja';

/** Code that the watch notices. */
const WATCHED_GLOBAL = '__planted';
export const PAYLOAD = `globalThis.${WATCHED_GLOBAL}=1`;

/** Every kind of place where a core name stands and jco writes it, or code between the parts of a composed component. */
export const CORE_PLACES = [
  'function',
  'memory',
  'realloc',
  'post-return',
  'import module',
  'import field',
  'imported memory',
  'global',
  'table',
  'module',
  'inner function',
  'inner memory',
  'inner realloc',
] as const;
export type CoreNames = Readonly<Record<string, string>>;

function quoted(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

/**
 * A sensor composed of two: the inner component hands out a string, the outer passes it on. Its core modules import from
 * each other functions, a memory, a global and a table.
 */
export function namedEverywhere(names: CoreNames): Promise<Uint8Array> {
  const n = (place: (typeof CORE_PLACES)[number]) => quoted(names[place] ?? '');
  const realloc = (name: string) => `(global $next (mut i32) (i32.const 1024))
    (func (export ${name}) (param i32 i32 i32 i32) (result i32)
      (global.get $next) (global.set $next (i32.add (global.get $next) (local.get 3))))`;
  return fromText(`(component
    (component $inner
      (core module $m (memory (export ${n('inner memory')}) 1) (data (i32.const 16) "${ANSWER}") ${realloc(n('inner realloc'))}
        (func (export ${n('inner function')}) (result i32)
          (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const ${ANSWER.length})) i32.const 0))
      (core instance $i (instantiate $m))
      (func (export "text") (result string) (canon lift (core func $i ${n('inner function')})
        (memory (core memory $i ${n('inner memory')})) (realloc (core func $i ${n('inner realloc')})))))
    (instance $inner (instantiate $inner))
    (core module $libc (memory (export ${n('memory')}) 1) (global (export ${n('global')}) (mut i32) (i32.const 0))
      (table (export ${n('table')}) 1 funcref) ${realloc(n('realloc'))})
    (core instance $libc (instantiate $libc))
    (core func $text (canon lower (func $inner "text")
      (memory (core memory $libc ${n('memory')})) (realloc (core func $libc ${n('realloc')}))))
    (core module $m
      (import ${n('import module')} ${n('import field')} (func $text (param i32)))
      (import ${n('module')} ${n('imported memory')} (memory 1))
      (import ${n('module')} ${n('global')} (global $g (mut i32)))
      (import ${n('module')} ${n('table')} (table 1 funcref))
      (func (export ${n('function')}) (result i32) (call $text (i32.const 8)) i32.const 8)
      (func (export ${n('post-return')}) (param i32) (global.set $g (local.get 0))))
    (core instance $i (instantiate $m
      (with ${n('import module')} (instance (export ${n('import field')} (func $text))))
      (with ${n('module')} (instance
        (export ${n('imported memory')} (memory $libc ${n('memory')}))
        (export ${n('global')} (global $libc ${n('global')}))
        (export ${n('table')} (table $libc ${n('table')}))))))
    (func $poll (result string) (canon lift (core func $i ${n('function')})
      (memory (core memory $libc ${n('memory')})) (realloc (core func $libc ${n('realloc')}))
      (post-return (core func $i ${n('post-return')}))))
    (instance $logic (export "poll" (func $poll)))
    (export "${SENSOR_LOGIC}" (instance $logic)))`);
}

export interface Seen {
  /** The output is one script; so is that of a component that jco refuses, for there is none. */
  readonly parsed: boolean;
  /** Planted code ran. */
  readonly executed: boolean;
  /** What `poll` answered, where it could be called. */
  readonly answer: unknown;
}

/** jco's generator in this thread: a component takes milliseconds, where a thread of its own takes a hundred times that. */
export class Translator {
  #executed = false;

  private constructor(private generator: RawGenerator) {
    Object.defineProperty(globalThis, WATCHED_GLOBAL, {
      configurable: true,
      set: () => {
        this.#executed = true;
      },
    });
  }

  static async open(): Promise<Translator> {
    return new Translator(await openRawGenerator());
  }

  async run(component: Uint8Array): Promise<Seen> {
    this.#executed = false;
    let files: GeneratedFiles;
    try {
      files = this.generator.generate(component);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) this.generator = await openRawGenerator();
      return { parsed: true, executed: this.#executed, answer: undefined };
    }
    const text = files.find(([name]) => name.endsWith('.js'))?.[1] ?? new Uint8Array();
    let script: string;
    try {
      script = scriptFromGlue(Buffer.from(text).toString('utf8'));
    } catch {
      return { parsed: false, executed: this.#executed, answer: undefined };
    }
    const answer = await call(script, new Map(files)).catch(() => undefined);
    return { parsed: true, executed: this.#executed, answer };
  }
}

/** Instantiates it, each import being something that can be called, and calls `poll`. */
async function call(script: string, files: ReadonlyMap<string, Uint8Array>): Promise<unknown> {
  const anything = new Proxy({}, { get: () => new Proxy({}, { get: () => () => 0 }) });
  const compiled = (name: string) => new WebAssembly.Module(new Uint8Array(files.get(name) ?? []));
  const exports = await evaluateGlue(script, 'plugin.js')(
    new LiftBudget(),
    compiled,
    anything,
    (module, imports) => new WebAssembly.Instance(module, imports),
  );
  const logic = exports[SENSOR_LOGIC];
  if (typeof logic !== 'object' || logic === null) return undefined;
  const poll: unknown = Reflect.get(logic, 'poll');
  return typeof poll === 'function' ? poll() : undefined;
}
