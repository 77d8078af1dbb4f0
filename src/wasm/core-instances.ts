/**
 * A guest's core instances: each core module is instantiated once, so that the limits written into the modules bound the
 * whole component; and its linear memories, so that a trap can be told from running out of memory.
 */
import { WasiError } from '../errors/wasi-error';

const BYTES_PER_MIB = 2 ** 20;
/** A guest whose next allocation did not fit has filled most of what it may have. */
const NEARLY_FULL = 0.9;

export class CoreInstances {
  readonly #memories = new Set<WebAssembly.Memory>();
  /** Equal modules are one compiled module under several names. */
  readonly #left = new Map<WebAssembly.Module, number>();

  constructor(
    readonly limitMb: number,
    modules: Iterable<WebAssembly.Module>,
  ) {
    for (const module of modules) this.#left.set(module, (this.#left.get(module) ?? 0) + 1);
  }

  /** Throws PLUGIN_INVALID for a module whose turn is over. */
  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
    const left = this.#left.get(module) ?? 0;
    if (left === 0)
      throw new WasiError('PLUGIN_INVALID', 'it instantiates a core module more than once, which no plugin needs');
    this.#left.set(module, left - 1);
    const instance = new WebAssembly.Instance(module, imports);
    for (const exported of Object.values(instance.exports)) {
      if (exported instanceof WebAssembly.Memory) this.#memories.add(exported);
    }
    return instance;
  }

  /** Of all linear memories together; asking costs nothing. */
  memoryBytes(): number {
    let bytes = 0;
    for (const memory of this.#memories) bytes += memory.buffer.byteLength;
    return bytes;
  }

  nearlyFull(): boolean {
    const limit = (this.limitMb * BYTES_PER_MIB * NEARLY_FULL) / Math.max(1, this.#memories.size);
    return [...this.#memories].some((memory) => memory.buffer.byteLength >= limit);
  }
}
