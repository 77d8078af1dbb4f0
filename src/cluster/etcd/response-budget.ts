/**
 * How much of responses may be in memory at once, on all connections of a node together. Each takes its share before it is
 * read, and gives it back when it is parsed: a small one at first, and once it turns out to be larger all that a response may
 * be, so that none waits for room that another one holds while it waits itself. Whoever has no room is not read meanwhile:
 * what is on its way stays with the member.
 */
const TOTAL_BYTES = 16 * 2 ** 20;

interface Waiting {
  readonly bytes: number;
  go(): void;
}

export class ResponseBudget {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(readonly totalBytes = TOTAL_BYTES) {
    this.#free = totalBytes;
  }

  get freeBytes(): number {
    return this.#free;
  }

  share(): ResponseShare {
    return new ResponseShare(this);
  }

  /** Comes back at once where there is room, else in the order of those who wait. Returns how to stop waiting. */
  take(bytes: number, go: () => void): () => void {
    const waiting = { bytes: Math.min(bytes, this.totalBytes), go };
    this.#waiting.push(waiting);
    this.#serve();
    return () => {
      const at = this.#waiting.indexOf(waiting);
      if (at !== -1) this.#waiting.splice(at, 1);
      // It may have stood in the way of smaller ones.
      this.#serve();
    };
  }

  give(bytes: number): void {
    this.#free += bytes;
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || first.bytes > this.#free) return;
      this.#waiting.shift();
      this.#free -= first.bytes;
      first.go();
    }
  }
}

/** Of one response. */
export class ResponseShare {
  #bytes = 0;
  #isEnded = false;
  #stopWaiting: (() => void) | undefined;

  constructor(private readonly budget: ResponseBudget) {}

  get bytes(): number {
    return this.#bytes;
  }

  get isWaiting(): boolean {
    return this.#stopWaiting !== undefined;
  }

  /** `go` once `bytes` in all are this response's: at once where it has them, and never when it has ended. */
  grow(bytes: number, go: () => void): void {
    if (this.#isEnded) return;
    const more = Math.min(bytes, this.budget.totalBytes) - this.#bytes;
    if (more <= 0) {
      go();
      return;
    }
    let isDone = false;
    const stop = this.budget.take(more, () => {
      isDone = true;
      this.#bytes += more;
      this.#stopWaiting = undefined;
      go();
    });
    if (!isDone) this.#stopWaiting = stop;
  }

  /** All but `bytes`. */
  shrink(bytes: number): void {
    if (this.#bytes <= bytes) return;
    const given = this.#bytes - bytes;
    this.#bytes = bytes;
    this.budget.give(given);
  }

  end(): void {
    this.#isEnded = true;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.shrink(0);
  }
}
