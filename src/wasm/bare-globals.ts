/**
 * Leaves a guest's thread the globals of the language and the few that the glue and this package use there. Nothing that
 * leads out of the thread remains: no process, network, storage, other thread or channel. jco's glue runs in this realm;
 * every name in it was checked before, and this is what is left should one check have been wrong. The glue also asks
 * `process` for a debug switch on every call (55 → 36 µs a poll without it), and its `console` would write past the log.
 */

/** ECMA-262, 19: the global object. */
const OF_THE_LANGUAGE = [
  ...['globalThis', 'Infinity', 'NaN', 'undefined', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'],
  ...['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent'],
  ...[
    'AggregateError',
    'Array',
    'ArrayBuffer',
    'BigInt',
    'BigInt64Array',
    'BigUint64Array',
    'Boolean',
    'DataView',
    'Date',
  ],
  ...[
    'Error',
    'EvalError',
    'FinalizationRegistry',
    'Float32Array',
    'Float64Array',
    'Int8Array',
    'Int16Array',
    'Int32Array',
  ],
  ...[
    'Map',
    'Number',
    'Object',
    'Promise',
    'Proxy',
    'RangeError',
    'ReferenceError',
    'RegExp',
    'Set',
    'SharedArrayBuffer',
  ],
  ...['String', 'Symbol', 'SyntaxError', 'TypeError', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array'],
  ...['URIError', 'WeakMap', 'WeakRef', 'WeakSet', 'Atomics', 'JSON', 'Math', 'Reflect', 'Iterator', 'Intl'],
];

const USED_HERE = [
  ...['WebAssembly', 'TextDecoder', 'TextEncoder', 'console', 'performance', 'Buffer', 'queueMicrotask'],
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
];

const KEPT: ReadonlySet<string> = new Set([...OF_THE_LANGUAGE, ...USED_HERE]);

export function bareGlobals(): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!KEPT.has(name)) Reflect.deleteProperty(globalThis, name);
  }
  for (const name of ['error', 'warn', 'info', 'log', 'debug', 'trace'] as const) {
    globalThis.console[name] = () => undefined;
  }
}
