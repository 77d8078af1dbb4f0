/**
 * Numbers for mutants: the same seed and index give the same mutant on every machine, and no mutant depends on those
 * before it, so that any of them can be made again alone. (mulberry32; its quality suffices for picking places.)
 */
export class Random {
  #state: number;

  constructor(seed: number, index: number) {
    this.#state = (Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(index + 1, 0xc2b2_ae35)) >>> 0;
  }

  u32(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** From 0 up to, not including, `end`; 0 for an `end` of 0. */
  below(end: number): number {
    return end === 0 ? 0 : this.u32() % end;
  }

  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** undefined of an empty list. */
  pickAny<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
}
