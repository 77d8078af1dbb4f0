/**
 * How much one call of a guest may bring out of its linear memory: results, what it passes to imports and prints, and the
 * error side of results. Everything that jco's glue reads of a guest's memory is counted here before it is decoded
 * (glue-lifting.ts writes the calls into the glue), since what V8 cannot allocate ends the whole process and not only the
 * guest's thread. Whatever lies at the same place is counted each time that it is read.
 *
 * What an element of a list becomes depends on its type: a tuple in a tuple is two arrays for one byte. It is therefore
 * counted by what the glue has to build for it (docs/decisions/0014-budgets-of-a-guest.md has what real guests need).
 */
import { FIXED } from '../errors/format-limit';

/** Ten times what the largest answer of a real guest has. A text takes up to two bytes of JavaScript's memory for each. */
export const MAX_LIFTED_BYTES = 8 * 2 ** 20;
/** Brackets, commas and colons of what is built, each some 56 bytes of JavaScript's memory at most. */
export const MAX_LIFTED_PARTS = 2 ** 19;

export class LiftBudgetExceeded extends Error {
  override readonly name = 'LiftBudgetExceeded';
}

export class LiftBudget {
  #bytes = 0;
  #parts = 0;
  #exceeded: LiftBudgetExceeded | undefined;

  /** Before each call of the guest, and before its start. */
  begin(): void {
    this.#bytes = 0;
    this.#parts = 0;
    this.#exceeded = undefined;
  }

  /** Since `begin`; a guest can catch what it was refused, and go on. */
  get exceeded(): LiftBudgetExceeded | undefined {
    return this.#exceeded;
  }

  /** Since `begin`, for measuring what real guests need. */
  get spent(): { readonly bytes: number; readonly parts: number } {
    return { bytes: this.#bytes, parts: this.#parts };
  }

  /** `count` elements of `size` bytes each in memory, for each of which so many parts are built. */
  list(count: number, size: number, parts: number): void {
    this.#spend(count * size, count * parts);
  }

  /** A text of these bytes of memory, not decoded yet. */
  text<View extends ArrayBufferView>(view: View): View {
    this.#spend(view.byteLength, 1);
    return view;
  }

  /** Numbers, copied out of memory. What lies outside is refused: a negative end would count from the memory's end. */
  copy(memory: ArrayBuffer, start: number, end: number): ArrayBuffer {
    if (start < 0 || end < start || end > memory.byteLength)
      throw new RangeError(`it passed a list from byte ${start} to ${end}, which is not in its memory`);
    this.#spend(end - start, 1);
    return memory.slice(start, end);
  }

  /** Anything that is built part by part, where nothing told before how much it will be. */
  parts(count: number): void {
    this.#spend(0, count);
  }

  #spend(bytes: number, parts: number): void {
    this.#bytes += bytes;
    this.#parts += parts;
    if (this.#exceeded === undefined) {
      if (this.#bytes > MAX_LIFTED_BYTES) this.#exceeded = tooMuch(`${MAX_LIFTED_BYTES} bytes`);
      else if (this.#parts > MAX_LIFTED_PARTS) this.#exceeded = tooMuch(`${MAX_LIFTED_PARTS} parts of lists`);
      else return;
    }
    throw this.#exceeded;
  }
}

function tooMuch(limit: string): LiftBudgetExceeded {
  return new LiftBudgetExceeded(
    `it passed more than ${limit} in one call, all that it returned, gave to its imports and printed together ${FIXED}`,
  );
}
