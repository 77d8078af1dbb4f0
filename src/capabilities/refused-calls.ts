/**
 * The calls of one guest that its grants refuse. Every one counts, whether its interface can say so or not; the first of
 * each kind is warned of, so that a guest that tries at every poll cannot fill the log. What is refused ends here, in
 * the guest's own thread: no device hears of it.
 */
import { countRefusal, type RefusalCount } from './refusal-count';
import { UsedGrants } from './used-grants';

export type RefusedKind = 'gpio' | 'i2c' | 'led' | 'spi' | 'uart' | 'process-image-read' | 'process-image-write';

export class RefusedCalls {
  /** What the calls that are not refused use. */
  readonly used = new UsedGrants();
  readonly #warned = new Set<RefusedKind>();

  constructor(
    readonly count: RefusalCount,
    readonly warn: (text: string) => void,
  ) {}

  /** `text` is asked for only where it is said. */
  add(kind: RefusedKind, text: () => string): void {
    countRefusal(this.count);
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.warn(`${text()}. Further calls of this kind are refused and counted without a word`);
  }
}
