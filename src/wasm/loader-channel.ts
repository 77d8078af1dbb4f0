/** Everything the loader's thread is asked and answers; both ends import these types. */
import type { ErrorFacts } from '../errors';
import type { StoredData } from './data-segments';
import type { ComponentShape } from './inspect';

/** Where a component is to be had: a `.wasm` file of a user, or an entry of the store that came with the package. */
export type ComponentSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'bundled'; readonly digest: string };

/** Whether a component may run at all: asked in the thread that has it, before jco translates any of it. */
export interface Admission {
  /** Absolute path of a CommonJS module whose `admit` is an `Admit`. */
  readonly module: string;
  /** What that function is given. */
  readonly data: unknown;
}

/** Throws WasiError where it may not. */
export type Admit<Data = unknown> = (shape: ComponentShape, data: Data) => void;

/** Of a component that may be loaded. */
export interface Conditions {
  /** The only one, where one is pinned: nothing looks into another. */
  readonly onlySha256?: string;
  /** Of any component unless given. */
  readonly admission?: Admission;
}

export interface LoadRequest extends Conditions {
  readonly kind: 'load';
  readonly id: number;
  /** `stored`: an entry of the store that may be written, prepared just now. */
  readonly source: ComponentSource | { readonly kind: 'stored'; readonly digest: string };
  readonly memoryMb: number;
  /** Hold the data against its digest, too: a component whose data is damaged is to be prepared anew. */
  readonly checkData: boolean;
  /** Keys of modules that the asking side still holds: these are not compiled again. */
  readonly held: readonly string[];
}

/** To look at a component and do nothing with it. */
export interface InspectRequest {
  readonly kind: 'inspect';
  readonly id: number;
  readonly source: ComponentSource;
  /** The only component that is looked into, where one is pinned. */
  readonly onlySha256?: string;
}

/** `pinned-out`: another component than the pinned one, and nothing looked into it. */
export interface InspectedComponent {
  /** sha256. */
  readonly digest: string;
  /** undefined: only what was prepared of it is here. */
  readonly sizeBytes: number | undefined;
  readonly shape: ComponentShape | 'pinned-out';
}

export interface LoadedModule {
  /** The name the glue asks for. */
  readonly file: string;
  /** Digest, and the memory limit where it is part of the module. */
  readonly key: string;
  /** Missing when the asking side holds it. */
  readonly module?: WebAssembly.Module;
  readonly data?: ModuleData;
}

/** A compiled module, and what it needs after instantiation if it was stored without its data. */
export interface CoreModule {
  readonly module: WebAssembly.Module;
  readonly data?: ModuleData;
}

/** What is read into a module's memory once it is instantiated; held against its digest as it is read. */
export interface ModuleData extends StoredData {
  /** The memory's export. */
  readonly memory: string;
}

export interface LoadedComponent extends ComponentShape {
  /** sha256 of the component. */
  readonly digest: string;
  /** Handed from thread to thread, never copied. */
  readonly glue: ArrayBuffer;
  readonly modules: readonly LoadedModule[];
}

/** Why the component of a file cannot be loaded yet: it was never prepared, or what was prepared of it is damaged. */
export type Unprepared = 'new' | 'damaged';

export type FromLoader =
  | { readonly kind: 'loaded'; readonly id: number; readonly component: LoadedComponent }
  | { readonly kind: 'unprepared'; readonly id: number; readonly why: Unprepared }
  | { readonly kind: 'inspected'; readonly id: number; readonly component: InspectedComponent }
  /** By the disk: a DiskFailure. */
  | { readonly kind: 'hindered'; readonly id: number; readonly message: string }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorFacts };

export interface LoaderSettings {
  /** Folder of prepared components that may be written. */
  readonly storeDir: string;
  /** Folder that came with the package, read-only. */
  readonly bundledDir: string;
}
