/**
 * The loader's thread: reads, checks, prepares and compiles components one after the other, so that hashing and
 * compiling some 18 MB never happens on the caller's loop.
 */

import { readFileSync, type Stats, statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { errorFacts, WasiError } from '../errors';
import { FIXED } from '../limit-text';
import { failureReason } from '../read-failure';
import { checkComponentNames } from './component-names';
import { limitMemory } from './core-limits';
import { DamagedBlob } from './damaged-blob';
import { DiskFailure } from './disk-failure';
import { allowExtendedConst } from './extended-const';
import { fileSha256 } from './file-digest';
import { type ComponentShape, inspectComponent } from './inspect';
import type {
  Admit,
  FromLoader,
  InspectedComponent,
  InspectRequest,
  LoadedComponent,
  LoadedModule,
  LoaderSettings,
  LoadRequest,
} from './loader-channel';
import { MAKERS } from './makers';
import type { Manifest, ManifestModule } from './manifest';
import { prepare } from './prepare';
import { PreparedStore } from './prepared-store';
import { sha256 } from './sha256';
import { sweep } from './store-sweep';

interface Found {
  readonly manifest: Manifest;
  readonly store: PreparedStore;
}

/** Ten times the largest plugin seen; a larger file is not one, and is not worth this thread's memory. */
const MAX_COMPONENT_BYTES = 192 * 2 ** 20;

const REINSTALL = 'reinstall @edge-wasi/node-red-wasi';
const MISSING = `the prepared plugin is missing from this package: ${REINSTALL}`;

const settings: LoaderSettings = workerData;
const own = new PreparedStore(settings.storeDir, MAKERS);
const bundled = new PreparedStore(settings.bundledDir, MAKERS);

allowExtendedConst();

async function load(request: LoadRequest): Promise<LoadedComponent> {
  const { source } = request;
  return source.kind === 'bundled' ? loadBundled(source.digest, request) : loadFile(source.path, request);
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
  checkComponentNames(bytes);
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

async function loadFile(path: string, request: LoadRequest): Promise<LoadedComponent> {
  const digest = reading(path, fileSha256);
  checkPinned(digest, request);
  const found = findStored(digest);
  try {
    if (found) return compile(found, request);
  } catch (error) {
    if (!(error instanceof DamagedBlob)) throw error;
  }
  const component = reading(path, (file) => readFileSync(file));
  // It may be another one by now.
  checkPinned(sha256(component), request);
  const manifest = await prepare(component, own, request.deadlineMs, (shape) => admit(shape, request));
  sweepOwn();
  return compile({ manifest, store: own }, request);
}

function checkPinned(digest: string, { onlySha256 }: LoadRequest): void {
  if (onlySha256 === undefined || onlySha256 === digest) return;
  throw new WasiError(
    'PLUGIN_INVALID',
    `it is not the component that host.toml allows: its sha256 is ${digest}, and its table there has sha256 = "${onlySha256}". Copy the right file, or change that line`,
  );
}

function admit(shape: ComponentShape, { admission }: LoadRequest): void {
  if (!admission) return;
  const loaded: { admit: Admit } = require(admission.module);
  loaded.admit(shape, admission.data);
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

function sweepOwn(): void {
  try {
    sweep(own);
  } catch {
    // What was just prepared can be used all the same; the next preparation tries again.
  }
}

function reading<T>(path: string, read: (path: string) => T): T {
  try {
    const { size } = regularFile(path);
    if (size > MAX_COMPONENT_BYTES) {
      throw new WasiError(
        'PLUGIN_INVALID',
        `${path} has ${size} bytes, more than the ${MAX_COMPONENT_BYTES} a plugin may have ${FIXED}`,
      );
    }
    return read(path);
  } catch (cause) {
    if (cause instanceof WasiError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new WasiError('PLUGIN_NOT_FOUND', `${path} is not there: copy the plugin's .wasm file to it`, { cause });
    }
    throw new DiskFailure(`${path} cannot be read ${failureReason(cause)}`, { cause });
  }
}

/** Nothing else is opened: a pipe would hold this thread where not even its end can be reached. */
function regularFile(path: string): Stats {
  const found = statSync(path);
  if (!found.isFile())
    throw new WasiError('PLUGIN_INVALID', `${path} is not a file: copy the plugin's .wasm file to it`);
  return found;
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
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: LoadRequest | InspectRequest) => {
  last = last.then(async () => {
    const said = await answer(request);
    parentPort?.postMessage(said, said.kind === 'loaded' ? [said.component.glue] : []);
  });
});

async function answer(request: LoadRequest | InspectRequest): Promise<FromLoader> {
  try {
    if (request.kind === 'inspect') return { kind: 'inspected', id: request.id, component: inspect(request) };
    return { kind: 'loaded', id: request.id, component: await load(request) };
  } catch (error) {
    if (error instanceof DiskFailure) return { kind: 'hindered', id: request.id, message: error.message };
    return { kind: 'failed', id: request.id, error: errorFacts(error, 'PLUGIN_INVALID') };
  }
}
