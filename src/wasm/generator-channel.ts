/** What crosses between `generate.ts` and its disposable thread. */
export interface GeneratedFile {
  /** `plugin.js`, `plugin.core.wasm`, `plugin.core2.wasm`, … */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type FromGenerator =
  | { readonly kind: 'generated'; readonly files: readonly GeneratedFile[] }
  | { readonly kind: 'refused'; readonly message: string };
