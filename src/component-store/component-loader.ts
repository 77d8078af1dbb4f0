/**
 * From a component's file to what a guest can be started with. Node-RED's process reads no component: it hashes the file and
 * finds what was prepared of it. What was never prepared, or is damaged, is prepared by `component-tasks.ts`, and other
 * components are loaded meanwhile.
 *
 * Rejects with what preparing rejects with, PLUGIN_LOAD_TIMEOUT, and RUNTIME_CLOSED after `close`.
 */
import { WasiError } from '../errors/wasi-error';
import type { ModuleFile } from '../guest-process/control-messages';
import type { StorageReport } from '../platform/storage-report';
import { DamagedBlob } from '../wasm/damaged-blob';
import type { ComponentShape } from '../wasm/inspect';
import { MAKERS } from '../wasm/makers';
import { blobsOf, type Manifest } from '../wasm/manifest';
import { DiskFailure } from '../wasm/temporary-failure';
import { admit, checkPinned } from './component-checks';
import { reading } from './component-file';
import type { ComponentSource, Conditions, InspectedComponent } from './component-source';
import { ComponentTasks } from './component-tasks';
import { fileSha256 } from './file-digest';
import { PreparedStore } from './prepared-store';
import { sweep } from './store-sweep';

/** A component ready to be started: paths and digests of what was prepared of it. */
export interface Component extends ComponentShape {
  readonly digest: string;
  readonly glue: { readonly path: string; readonly digest: string };
  readonly modules: readonly ModuleFile[];
}

/** PLUGIN_INVALID for another than the pinned one. */
export interface LoadLimits extends Conditions {
  readonly memoryMb: number;
  /** Of preparing it. */
  readonly deadlineMs: number;
  /** After a start that ended in DamagedBlob: a guest's thread notices damaged data, and cannot repair it. */
  readonly checkData: boolean;
}

export interface LoaderSettings {
  /** Folder of prepared components that may be written. */
  readonly storeDir: string;
  /** Folder that came with the package, read-only. */
  readonly bundledDir: string;
  /** Of what is prepared. */
  readonly report?: StorageReport;
}

/** Hashing and reading the largest file there may be, on a slow card. */
const INSPECT_LIMIT_MS = 30_000;
/** A file that changes while it is being prepared is prepared once more, so often. */
const MAX_ATTEMPTS = 3;
/** As many plugins as a runtime may have, twice. */
const MAX_SHAPES = 128;

const REINSTALL = 'reinstall @edge-wasi/node-red-wasi';
const MISSING = `the prepared plugin is missing from this package: ${REINSTALL}`;

/** Of loads that nobody gives up. */
const NEVER = new AbortController().signal;

interface Found {
  readonly manifest: Manifest;
  readonly store: PreparedStore;
}

export class ComponentLoader {
  #closed = false;
  readonly #own: PreparedStore;
  readonly #bundled: PreparedStore;
  readonly #tasks: ComponentTasks;
  /** Shapes of components that were inspected and not prepared, by digest. */
  readonly #shapes = new Map<string, ComponentShape>();

  constructor({ storeDir, bundledDir, report }: LoaderSettings) {
    this.#own = new PreparedStore(storeDir, MAKERS, report);
    this.#bundled = new PreparedStore(bundledDir, MAKERS);
    this.#tasks = new ComponentTasks(this.#own.incomingDir);
  }

  /** `signal` ends a preparation. */
  async load(source: ComponentSource, limits: LoadLimits, signal = NEVER): Promise<Component> {
    const found =
      source.kind === 'bundled'
        ? await this.#loadBundled(source.digest, limits)
        : await this.#loadFile(source.path, limits, signal);
    this.#assertOpen();
    admit(found.manifest, limits);
    return componentOf(found, limits.memoryMb);
  }

  /**
   * Looks at a component without preparing or running any of it. Rejects with PLUGIN_INVALID for what is none, and for names
   * that no component needs.
   */
  async inspect(source: ComponentSource, onlySha256?: string): Promise<InspectedComponent> {
    this.#assertOpen();
    if (source.kind === 'bundled') {
      const manifest = await this.#bundled.find(source.digest);
      if (!manifest) throw new WasiError('PLUGIN_INVALID', MISSING);
      return { digest: source.digest, sizeBytes: undefined, shape: shapeOf(manifest) };
    }
    const { path } = source;
    const { digest, sizeBytes } = await reading(path, async (file, size) => ({
      digest: await fileSha256(file),
      sizeBytes: size,
    }));
    if (onlySha256 !== undefined && onlySha256 !== digest) return { digest, sizeBytes, shape: 'pinned-out' };
    const known = (await this.#find(digest, false))?.manifest ?? this.#shapes.get(digest);
    if (known) return { digest, sizeBytes, shape: shapeOf(known) };
    return this.#tasks.run<InspectedComponent>(
      { kind: 'inspect', path, deadlineMs: INSPECT_LIMIT_MS },
      NEVER,
      async () => {
        const shape = this.#shapes.get(digest);
        return shape && { digest, sizeBytes, shape };
      },
      async (answer) => {
        if (answer.kind !== 'inspected') throw unexpected(answer.kind);
        // Only what this process hashed itself is believed.
        if (answer.component.digest !== digest) throw new DiskFailure(`${path} changed while it was read`);
        const shape = shapeOf(answer.component);
        this.#keepShape(digest, shape);
        return { digest, sizeBytes, shape };
      },
    );
  }

  /** Does not wait for a preparation under way, which ends. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#tasks.close();
  }

  async #loadBundled(digest: string, limits: LoadLimits): Promise<Found> {
    checkPinned(digest, limits);
    const manifest = await this.#bundled.find(digest);
    if (!manifest) throw new WasiError('PLUGIN_INVALID', MISSING);
    const found = { manifest, store: this.#bundled };
    if (limits.checkData && (await isDamaged(found)))
      throw new WasiError('PLUGIN_INVALID', `a file of this package is damaged: ${REINSTALL}`);
    return found;
  }

  async #loadFile(path: string, limits: LoadLimits, signal: AbortSignal): Promise<Found> {
    for (let attempt = 1; ; attempt += 1) {
      const digest = await reading(path, fileSha256);
      this.#assertOpen();
      checkPinned(digest, limits);
      const found = await this.#find(digest, limits.checkData);
      if (found) {
        if (found.store === this.#own) await this.#own.touch(digest);
        return found;
      }
      const prepared = await this.#prepare(path, digest, limits, signal);
      if (prepared) return prepared;
      if (attempt === MAX_ATTEMPTS) throw new DiskFailure(`${path} changed each time it was read`);
    }
  }

  /** undefined: the file has another content by now. */
  #prepare(path: string, digest: string, limits: LoadLimits, signal: AbortSignal): Promise<Found | undefined> {
    const { deadlineMs, onlySha256, admission } = limits;
    const task = {
      kind: 'prepare',
      path,
      deadlineMs,
      ...(onlySha256 === undefined ? {} : { onlySha256 }),
      ...(admission === undefined ? {} : { admission }),
    } as const;
    return this.#tasks.run<Found | undefined>(
      task,
      signal,
      async () => {
        // Another one may have prepared the same content while this one waited.
        const found = await this.#find(digest, limits.checkData);
        // What a Node-RED that was killed has left may be what fills the disk.
        if (found === undefined) await sweep(this.#own).catch(() => undefined);
        return found;
      },
      async (answer, folder) => {
        if (answer.kind === 'not-admitted') {
          admit(answer.shape, limits);
          throw unexpected(answer.kind);
        }
        if (answer.kind !== 'prepared') throw unexpected(answer.kind);
        const { manifest } = answer;
        // Only what this process hashed itself is believed: one component must not stand in the place of another.
        if (manifest.component !== digest) return undefined;
        await this.#own.adopt(manifest, folder);
        // What was prepared can be used all the same, and the next preparation sweeps again.
        await sweep(this.#own).catch(() => undefined);
        return { manifest, store: this.#own };
      },
    );
  }

  /** `checkData`: only an entry whose blobs still match their digests: the own store may replace a damaged one of the package. */
  async #find(digest: string, checkData: boolean): Promise<Found | undefined> {
    for (const store of [this.#bundled, this.#own]) {
      const manifest = await store.find(digest);
      if (manifest && !(checkData && (await isDamaged({ manifest, store })))) return { manifest, store };
    }
    return undefined;
  }

  #keepShape(digest: string, shape: ComponentShape): void {
    this.#shapes.set(digest, shape);
    const [oldest] = this.#shapes.keys();
    if (this.#shapes.size > MAX_SHAPES && oldest !== undefined) this.#shapes.delete(oldest);
  }

  #assertOpen(): void {
    if (this.#closed) throw new WasiError('RUNTIME_CLOSED', 'the runtime was closed while a plugin was loading');
  }
}

async function isDamaged({ manifest, store }: Found): Promise<boolean> {
  try {
    for (const digest of blobsOf(manifest)) await store.check(digest);
    return false;
  } catch (error) {
    if (error instanceof DamagedBlob) return true;
    throw error;
  }
}

function componentOf({ manifest, store }: Found, totalMemoryMb: number): Component {
  // Several memories share what one may have.
  const memories = manifest.modules.filter(({ definesMemory }) => definesMemory).length;
  const memoryMb = Math.max(1, Math.floor(totalMemoryMb / Math.max(1, memories)));
  return {
    digest: manifest.component,
    imports: manifest.imports,
    exports: manifest.exports,
    glue: { path: store.pathOf(manifest.glue), digest: manifest.glue },
    modules: manifest.modules.map(({ file, digest, definesMemory, data }) => ({
      file,
      digest,
      path: store.pathOf(digest),
      memoryMb: definesMemory ? memoryMb : undefined,
      data: data ? { ...data, path: store.pathOf(data.digest) } : undefined,
    })),
  };
}

function shapeOf({ imports, exports }: ComponentShape): ComponentShape {
  return { imports, exports };
}

function unexpected(answer: string): Error {
  return new Error(`the process that looks at components answered that something was ${answer}`);
}
