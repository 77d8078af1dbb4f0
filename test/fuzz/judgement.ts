/** What became of one mutant at one stage. */
export interface Judgement {
  /** Where it was stopped, or that it was not: counted in the report. */
  readonly verdict: string;
  /** It passed, and is worth the next stage. */
  readonly passed: boolean;
  /** Promises it broke; none, if all is well. */
  readonly findings: readonly string[];
  /** The thread it was judged in is not to be used again. */
  readonly poisoned?: boolean;
}

/** Runs `work`; what it throws must be an error of this package with one of `codes`. */
export function attempt<T>(
  what: string,
  findings: string[],
  isExpected: (error: unknown) => boolean,
  work: () => T,
): { readonly value: T } | undefined {
  try {
    return { value: work() };
  } catch (error) {
    if (!isExpected(error))
      findings.push(`${what} threw ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    return undefined;
  }
}
