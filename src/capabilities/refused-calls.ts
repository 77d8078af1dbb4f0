/**
 * The calls of one guest that its grants refuse. Every one counts, whether its interface can say so or not; the first of
 * each kind is warned of, so that a guest that tries at every poll cannot fill the log. What is refused ends here, in
 * the guest's own thread: no device hears of it.
 */
import { UsedGrants } from './used-grants';

export type RefusedKind = 'gpio' | 'i2c' | 'led' | 'spi' | 'uart' | 'process-image-read' | 'process-image-write';

const REPORTED_AT_ONCE = 16;

export class RefusedCalls {
  /** What the calls that are not refused use. */
  readonly used = new UsedGrants();
  readonly #warned = new Set<RefusedKind>();

  /** Not reported yet. */
  #count = 0;
  #ofCall = 0;

  /** `report`: that so many more were refused. */
  constructor(
    readonly warn: (text: string) => void,
    readonly report: (count: number) => void,
  ) {}

  /** A call ended. Returns how many were refused that were not reported. */
  takeCount(): number {
    this.#ofCall = 0;
    return this.#take();
  }

  /** `text` is asked for only where it is said. */
  add(kind: RefusedKind, text: () => string): void {
    this.#count += 1;
    this.#ofCall += 1;
    // A guest that is stopped in the middle of a call says no more: the first ones are reported at once, then fewer and fewer.
    if (this.#ofCall <= REPORTED_AT_ONCE || isPowerOfTwo(this.#ofCall)) this.report(this.#take());
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.warn(`${text()}. Further calls of this kind are refused and counted without a word`);
  }

  #take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
