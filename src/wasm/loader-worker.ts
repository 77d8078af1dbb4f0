/**
 * The loader's thread: reads, checks and compiles prepared components one after the other, so that hashing and compiling
 * some 18 MB never happens on the caller's loop. It prepares nothing, since all loads wait for it.
 */

import { readFileSync, statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { errorFacts, WasiError } from '../errors';
import { admit, checkPinned } from './component-checks';
import { reading } from './component-file';
import { checkComponentNames } from './component-names';
import { limitMemory } from './core-limits';
import { DamagedBlob } from './damaged-blob';
import { DiskFailure } from './disk-failure';
import { allowExtendedConst } from './extended-const';
import { fileSha256 } from './file-digest';
import { type ComponentShape, inspectComponent } from './inspect';
import type {
  FromLoader,
  InspectedComponent,
  InspectRequest,
  LoadedComponent,
  LoadedModule,
  LoaderSettings,
  LoadRequest,
  Unprepared,
} from './loader-channel';
import { MAKERS } from './makers';
import type { Manifest, ManifestModule } from './manifest';
import { PreparedStore } from './prepared-store';
import { withSafeCoreNames } from './safe-core-names';
import { sha256 } from './sha256';

interface Found {
  readonly manifest: Manifest;
  readonly store: PreparedStore;
}

const REINSTALL = 'reinstall @edge-wasi/node-red-wasi';
const MISSING = `the prepared plugin is missing from this package: ${REINSTALL}`;

const settings: LoaderSettings = workerData;
const own = new PreparedStore(settings.storeDir, MAKERS);
const bundled = new PreparedStore(settings.bundledDir, MAKERS);

allowExtendedConst();

function load(request: LoadRequest): LoadedComponent | Unprepared {
  const { source } = request;
  switch (source.kind) {
    case 'bundled':
      return loadBundled(source.digest, request);
    case 'stored':
      return loadStored(source.digest, request);
    case 'file':
      return loadFile(source.path, request);
  }
}

/** Reads, and prepares nothing: a component that was prepared before passed these checks then. */
function inspect({ source, onlySha256 }: InspectRequest): InspectedComponent {
  if (source.kind === 'bundled') {
    const manifest = bundled.find(source.digest);
    if (!manifest) throw new WasiError('PLUGIN_INVALID', MISSING);
    return { digest: source.digest, sizeBytes: undefined, shape: shapeOf(manifest) };
  }
  const { path } = source;
  const digest = reading(path, fileSha256);
  const sizeBytes = reading(path, (file) => statSync(file).size);
  if (onlySha256 !== undefined && onlySha256 !== digest) return { digest, sizeBytes, shape: 'pinned-out' };
  const stored = bundled.find(digest) ?? own.find(digest);
  if (stored) return { digest, sizeBytes, shape: shapeOf(stored) };
  const bytes = reading(path, (file) => readFileSync(file));
  const shape = inspectComponent(bytes);
  checkComponentNames(withSafeCoreNames(bytes));
  return { digest: sha256(bytes), sizeBytes: bytes.length, shape };
}

function shapeOf({ imports, exports }: ComponentShape): ComponentShape {
  return { imports, exports };
}

function loadBundled(digest: string, request: LoadRequest): LoadedComponent {
  checkPinned(digest, request);
  const manifest = bundled.find(digest);
  if (!manifest) {
    throw new WasiError('PLUGIN_INVALID', MISSING);
  }
  try {
    return compile({ manifest, store: bundled }, request);
  } catch (cause) {
    if (!(cause instanceof DamagedBlob)) throw cause;
    throw new WasiError('PLUGIN_INVALID', `${cause.message}: ${REINSTALL}`, { cause });
  }
}

function loadFile(path: string, request: LoadRequest): LoadedComponent | Unprepared {
  const digest = reading(path, fileSha256);
  checkPinned(digest, request);
  const found = findStored(digest);
  if (!found) {
    checkUnprepared(path, request);
    return 'new';
  }
  try {
    return compile(found, request);
  } catch (error) {
    if (!(error instanceof DamagedBlob)) throw error;
    return 'damaged';
  }
}

/** What cannot be used, or is still being copied, need not wait for its turn to be prepared. */
function checkUnprepared(path: string, request: LoadRequest): void {
  const component = reading(path, (file) => readFileSync(file));
  const shape = inspectComponent(component);
  checkComponentNames(withSafeCoreNames(component));
  admit(shape, request);
}

/** What was prepared just now, in the store where it was put, whatever the other one has. */
function loadStored(digest: string, request: LoadRequest): LoadedComponent {
  const manifest = own.find(digest);
  if (!manifest) throw new DiskFailure(`what was prepared of it is gone from ${own.root} already`);
  return compile({ manifest, store: own }, request);
}

function findStored(digest: string): Found | undefined {
  for (const store of [bundled, own]) {
    const manifest = store.find(digest);
    if (!manifest) continue;
    if (store === own) own.touch(digest);
    return { manifest, store };
  }
  return undefined;
}

function compile({ manifest, store }: Found, request: LoadRequest): LoadedComponent {
  admit(manifest, request);
  const held = new Set(request.held);
  // Several memories share what one may have.
  const memories = manifest.modules.filter(({ definesMemory }) => definesMemory).length;
  const memoryMb = Math.max(1, Math.floor(request.memoryMb / Math.max(1, memories)));
  const limited = { ...request, memoryMb };
  return {
    digest: manifest.component,
    imports: manifest.imports,
    exports: manifest.exports,
    glue: owned(store.read(manifest.glue)),
    modules: manifest.modules.map((entry) => loadModule(entry, store, limited, held)),
  };
}

function loadModule(
  entry: ManifestModule,
  store: PreparedStore,
  { memoryMb, checkData }: LoadRequest,
  held: Set<string>,
): LoadedModule {
  if (entry.data && checkData) store.check(entry.data.digest);
  const key = entry.definesMemory ? `${entry.digest}:${memoryMb}` : entry.digest;
  return {
    file: entry.file,
    key,
    ...(held.has(key) ? {} : { module: compileModule(entry, store, memoryMb) }),
    ...(entry.data ? { data: { ...entry.data, path: store.pathOf(entry.data.digest) } } : {}),
  };
}

function compileModule(entry: ManifestModule, store: PreparedStore, memoryMb: number): WebAssembly.Module {
  const bytes = store.read(entry.digest);
  const checked = entry.definesMemory ? limitMemory(bytes, memoryMb) : new Uint8Array(bytes);
  try {
    return new WebAssembly.Module(checked);
  } catch (cause) {
    throw new WasiError('PLUGIN_INVALID', `this Node.js does not accept its code: ${String(cause)}`, { cause });
  }
}

/** A file's bytes in a buffer of their own: Node.js reads small files into a pool, which cannot be handed on. */
function owned(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : new Uint8Array(bytes).buffer;
}

/** One after the other: a second plugin then finds the modules of the first already held. */
parentPort?.on('message', (request: LoadRequest | InspectRequest) => {
  const said = answer(request);
  parentPort?.postMessage(said, said.kind === 'loaded' ? [said.component.glue] : []);
});

function answer(request: LoadRequest | InspectRequest): FromLoader {
  const { id } = request;
  try {
    if (request.kind === 'inspect') return { kind: 'inspected', id, component: inspect(request) };
    const loaded = load(request);
    return typeof loaded === 'string'
      ? { kind: 'unprepared', id, why: loaded }
      : { kind: 'loaded', id, component: loaded };
  } catch (error) {
    if (error instanceof DiskFailure) return { kind: 'hindered', id, message: error.message };
    return { kind: 'failed', id, error: errorFacts(error, 'PLUGIN_INVALID') };
  }
}
