/**
 * Which grants the calls of one guest made use of. A component's import says no more than that it wants, for one, an I²C
 * device; the lines that would grant it then name an example. Who pasted them and is told later which device was asked for
 * must not be told to grant both: an example that was never used is left out.
 */
export class UsedGrants {
  readonly #used = new Set<string>();

  /** `grant`: as host.toml writes it. */
  note(grant: string): void {
    this.#used.add(grant);
  }

  /** What is granted without the example, unless that is used. */
  without<T>(example: string, granted: readonly T[], textOf: (grant: T) => string): readonly T[] {
    return granted.filter((grant) => textOf(grant) !== example || this.#used.has(example));
  }
}
