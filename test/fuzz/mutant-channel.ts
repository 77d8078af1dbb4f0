/** What crosses between `mutant-thread.ts` and its thread. */
/** Stages that share one thread between mutants. */
export type ThreadStage = 'readers' | 'translation' | 'host.toml';

export interface MutantThreadData {
  readonly stage: ThreadStage;
  readonly seeds: readonly Uint8Array[];
  readonly seed: number;
  /** One number: the index that is being judged. */
  readonly progress: Int32Array;
}

export interface Finding {
  readonly index: number;
  readonly stage: string;
  readonly what: string;
}

/** Of one mutant. */
export interface Judged {
  readonly index: number;
  readonly verdict: string;
  readonly passed: boolean;
  readonly findings: readonly string[];
}

export type FromMutantThread =
  | { readonly kind: 'judged'; readonly judged: readonly Judged[] }
  /** The thread ended itself, after what it had judged. */
  | { readonly kind: 'poisoned'; readonly judged: readonly Judged[] };
