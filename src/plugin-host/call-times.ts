/**
 * How long the last calls of one plugin took, in ms: from the message to its guest to the answer, whatever that was, and
 * without the time a caller waited in the queue. A call that never ended counts up to its deadline. Beside that, how many
 * calls there were, and how long they took together.
 */

/** Enough for a median that stands still, and little enough that it forgets an hour ago. */
const KEPT = 64;

export interface Latency {
  readonly lastMs: number;
  readonly medianMs: number;
  readonly longestMs: number;
}

export class CallTimes {
  readonly #times: number[] = [];
  #calls = 0;
  #callMs = 0;

  get calls(): number {
    return this.#calls;
  }

  get callMs(): number {
    return this.#callMs;
  }

  add(ms: number): void {
    this.#calls += 1;
    this.#callMs += ms;
    this.#times.push(ms);
    if (this.#times.length > KEPT) this.#times.shift();
  }

  /** undefined before the first call. */
  latency(): Latency | undefined {
    const lastMs = this.#times.at(-1);
    if (lastMs === undefined) return undefined;
    const sorted = [...this.#times].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const medianMs = ((sorted[Math.ceil(middle) - 1] ?? lastMs) + (sorted[Math.floor(middle)] ?? lastMs)) / 2;
    return { lastMs: rounded(lastMs), medianMs: rounded(medianMs), longestMs: rounded(sorted.at(-1) ?? lastMs) };
  }
}

/** To a hundredth: what is finer is noise. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
