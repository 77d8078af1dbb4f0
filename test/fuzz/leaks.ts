/**
 * What this thread holds after a collection, compared with what it held before: memory, timers, ports. Few bytes of
 * growth for each of many mutants are more than any warming up leaves.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Caches of compiled functions and of the test's own report. */
const MOST_GROWTH_BYTES = 6 * 2 ** 20;
const COUNTED: ReadonlySet<string> = new Set(['Timeout', 'MessagePort', 'Immediate', 'FSReqPromise', 'FileHandle']);

interface Holding {
  readonly bytes: number;
  readonly resources: number;
}

export class Leaks {
  readonly #before: Holding;

  private constructor(
    readonly collect: () => void,
    before: () => Holding,
  ) {
    this.#before = before();
  }

  static since(): Leaks {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    if (typeof collect !== 'function') throw new Error('this Node.js has no gc()');
    const run = () => void Reflect.apply(collect, undefined, []);
    return new Leaks(run, () => holding(run));
  }

  found(): string[] {
    const now = holding(this.collect);
    const grown = now.bytes - this.#before.bytes;
    return [
      ...(grown > MOST_GROWTH_BYTES ? [`${Math.round(grown / 1024)} KiB more are held than before`] : []),
      ...(now.resources > this.#before.resources
        ? [`${now.resources - this.#before.resources} timers, ports or files stay`]
        : []),
    ];
  }
}

function holding(collect: () => void): Holding {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const resources = activeResources().filter((kind) => COUNTED.has(kind)).length;
  return { bytes: heapUsed + external, resources };
}

/** Since Node.js 17.3; the types of 18 do not have it. */
function activeResources(): string[] {
  const info: unknown = Reflect.get(process, 'getActiveResourcesInfo');
  if (typeof info !== 'function') throw new Error('this Node.js cannot tell its resources');
  const kinds: unknown = Reflect.apply(info, process, []);
  return Array.isArray(kinds) ? kinds.map(String) : [];
}
