/** A loader with a store of its own, and the folder that both lie in. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Component, ComponentLoader, type LoadLimits } from '../../src/component-store/component-loader';
import { PreparedStore } from '../../src/component-store/prepared-store';
import { MAKERS } from '../../src/wasm/makers';
import { REPOSITORY, scratchFolder } from '../wasm/components';
import { PATIENT } from '../wasm/engine';

export const BUNDLED = join(REPOSITORY, 'dist', 'prepared');

export interface Folders {
  readonly folder: string;
  readonly loader: ComponentLoader;
  /** What the loader prepares. */
  readonly own: PreparedStore;
  /** A file with these bytes; its path. */
  put(name: string, bytes: Uint8Array): string;
  load(path: string, limits?: Partial<LoadLimits>, signal?: AbortSignal): Promise<Component>;
  /** Folders of preparations that were not removed. */
  leftFolders(): readonly string[];
}

/** `bundledDir`: a copy, where a test damages what came with the package. */
export function foldersOf(t: TestContext, bundledDir = BUNDLED): Folders {
  const folder = scratchFolder(t);
  const storeDir = join(folder, 'store');
  const loader = new ComponentLoader({ storeDir, bundledDir });
  t.after(() => loader.close());
  const own = new PreparedStore(storeDir, MAKERS);
  return {
    folder,
    loader,
    own,
    put(name, bytes) {
      const path = join(folder, `${name}.wasm`);
      writeFileSync(path, bytes);
      return path;
    },
    load: (path, limits, signal) => loader.load({ kind: 'file', path }, { ...PATIENT, ...limits }, signal),
    leftFolders: () => (existsSync(own.incomingDir) ? readdirSync(own.incomingDir) : []),
  };
}
