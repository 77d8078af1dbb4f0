/** What is left in the realm that a guest's glue runs in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { it } from 'node:test';
import { Worker } from 'node:worker_threads';

const MODULE = join(__dirname, '..', '..', 'src', 'wasm', 'bare-globals.js');

/** Whatever leads out of a thread in any version of Node.js, and what makes code of text by its own name. */
const GONE = [
  ...['process', 'require', 'module', 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel'],
  ...['MessageChannel', 'MessagePort', 'Worker', 'navigator', 'localStorage', 'sessionStorage', 'indexedDB', 'crypto'],
  ...['structuredClone', 'URL', 'Blob', 'setImmediate', 'global', 'eval', 'Function', 'AbortController', 'Event'],
];
const LEFT = ['WebAssembly', 'TextDecoder', 'Promise', 'BigInt64Array', 'setTimeout', 'performance'];

it('a guest’s realm has nothing that leads out of its thread', { timeout: 20_000 }, async () => {
  const script = `
    const { parentPort } = require('node:worker_threads');
    const { bareGlobals } = require(${JSON.stringify(MODULE)});
    bareGlobals();
    console.log('never shown');
    const has = (names) => names.filter((name) => name in globalThis);
    parentPort.postMessage({ gone: has(${JSON.stringify(GONE)}), left: has(${JSON.stringify(LEFT)}) });`;
  const worker = new Worker(script, { eval: true, stdout: true });
  const [found] = await once(worker, 'message');
  await worker.terminate();
  assert.deepEqual(found, { gone: [], left: LEFT });
});
