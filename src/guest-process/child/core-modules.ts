/**
 * Compiled core modules of the guests of this process, by content and memory limit: equal ones are compiled once and
 * shared by all threads (libpython alone is 6 MB in each Python plugin), and forgotten with the last guest that uses them.
 */
import { readAtMost } from '../../platform/read-at-most';
import { MAX_MODULE_BYTES } from '../../wasm/blob-limits';
import { limitMemory } from '../../wasm/core-limits';
import { DamagedBlob } from '../../wasm/damaged-blob';
import { sha256 } from '../../wasm/sha256';
import type { ModuleFile } from '../control-messages';

/** Its code is refused by this version of Node.js. */
export class NotAccepted extends Error {
  override readonly name = 'NotAccepted';
}

interface SharedModule {
  readonly module: Promise<WebAssembly.Module>;
  users: number;
}

/** Modules that one guest uses. */
export interface ModuleUse {
  /** By the name that the glue asks for. */
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
  /** Idempotent. */
  release(): void;
}

export class CoreModules {
  readonly #shared = new Map<string, SharedModule>();

  /** Throws DamagedBlob, NotAccepted, and PLUGIN_MEMORY for a memory that is larger from the start than it may be. */
  async use(files: readonly ModuleFile[]): Promise<ModuleUse> {
    const keys = files.map(keyOf);
    const used = files.map((file) => this.#share(file));
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      for (const key of keys) this.#release(key);
    };
    try {
      const compiled = await Promise.all(used);
      return { modules: new Map(files.map(({ file }, at) => [file, definedAt(compiled, at)])), release };
    } catch (error) {
      await Promise.allSettled(used);
      release();
      throw error;
    }
  }

  #share(file: ModuleFile): Promise<WebAssembly.Module> {
    const key = keyOf(file);
    const shared = this.#shared.get(key) ?? { module: compiled(file), users: 0 };
    shared.users += 1;
    this.#shared.set(key, shared);
    return shared.module;
  }

  #release(key: string): void {
    const shared = this.#shared.get(key);
    if (!shared) return;
    shared.users -= 1;
    if (shared.users === 0) this.#shared.delete(key);
  }
}

function keyOf({ digest, memoryMb }: ModuleFile): string {
  return memoryMb === undefined ? digest : `${digest}:${memoryMb}`;
}

async function compiled({ path, digest, memoryMb }: ModuleFile): Promise<WebAssembly.Module> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readAtMost(path, MAX_MODULE_BYTES);
  } catch (cause) {
    throw DamagedBlob.unreadable(path, cause);
  }
  if (sha256(bytes) !== digest) throw DamagedBlob.altered(path);
  const limited = memoryMb === undefined ? bytes : limitMemory(bytes, memoryMb);
  try {
    return await WebAssembly.compile(limited);
  } catch (cause) {
    throw new NotAccepted(String(cause), { cause });
  }
}

function definedAt<T>(list: readonly T[], at: number): T {
  const found = list[at];
  if (found === undefined) throw new Error('a module is missing');
  return found;
}
