/** What may be loaded, and under which conditions. */
import type { ComponentShape } from '../wasm/inspect';

/** Where a component is: a `.wasm` file of a user, or an entry of the store that the package contains. */
export type ComponentSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'bundled'; readonly digest: string };

/** Whether a component may run at all: asked before jco translates any of it, and again of what was prepared. */
export interface Admission {
  /** Absolute path of a CommonJS module whose `admit` is an `Admit`. */
  readonly module: string;
  /** What that function is given; plain values, as they cross to another process. */
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

/** `pinned-out`: another component than the pinned one, and nothing looked into it. */
export interface InspectedComponent {
  /** sha256. */
  readonly digest: string;
  /** undefined: only what was prepared of it is here. */
  readonly sizeBytes: number | undefined;
  readonly shape: ComponentShape | 'pinned-out';
}
