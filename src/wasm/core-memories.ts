/** Remembers the linear memories of a guest, so that a trap can be told from running out of memory. */
const BYTES_PER_MIB = 2 ** 20;
/** A guest whose next allocation did not fit has filled most of what it may have. */
const NEARLY_FULL = 0.9;

export class CoreMemories {
  readonly #memories = new Set<WebAssembly.Memory>();

  constructor(readonly limitMb: number) {}

  watch(instance: WebAssembly.Instance): WebAssembly.Instance {
    for (const exported of Object.values(instance.exports)) {
      if (exported instanceof WebAssembly.Memory) this.#memories.add(exported);
    }
    return instance;
  }

  nearlyFull(): boolean {
    const limit = this.limitMb * BYTES_PER_MIB * NEARLY_FULL;
    return [...this.#memories].some((memory) => memory.buffer.byteLength >= limit);
  }
}
