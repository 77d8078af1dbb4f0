/**
 * Asynchronous exports (`async func` in WIT): jco's output waits for them with JavaScript Promise Integration, which not
 * every Node.js has.
 */
import type { GuestFault } from './guest-fault';

/** Before a guest's thread gives up its `process`. */
const NODE_VERSION = process.version;
const MISSING_IN_ENGINE = /\bWebAssembly\.(?:promising|Suspending) is not a (?:function|constructor)/;

/** Whether this Node.js can wait for what a component exports. */
export function hasPromiseIntegration(): boolean {
  return 'promising' in WebAssembly && 'Suspending' in WebAssembly;
}

/** Why a component did not start, where all that it lacked is a newer Node.js; else undefined. */
export function asynchronousFault(thrown: unknown): GuestFault | undefined {
  if (hasPromiseIntegration() || !(thrown instanceof TypeError) || !MISSING_IN_ENGINE.test(thrown.message)) return;
  return {
    kind: 'refused',
    message: `it was built with asynchronous functions, which need JavaScript Promise Integration: Node.js 25 or newer has it, and the newest 24; this is ${NODE_VERSION}. Update Node.js, or build the plugin without them: "func" for "async func" in its WIT, and the synchronous runtime of the tool (jco componentize … --backend qjs --backend-qjs-disable-async)`,
  };
}
