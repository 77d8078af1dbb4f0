/**
 * One direction of one connection through a proxy: takes pieces as they come, and passes each on when its time has come,
 * in their order. Holds at most QUEUE_BYTES; whoever sends more waits, as for a full window.
 */
import type { Socket } from 'node:net';
import type { Random } from '../fuzz/random';
import type { LinkCondition } from './link-condition';

const QUEUE_BYTES = 2 ** 20;
/** TCP_RTO_MIN of Linux (include/net/tcp.h): a lost segment is sent again no sooner. */
const SENT_AGAIN_MS = 200;
const RESOLUTION = 1_000_000;

interface Piece {
  readonly bytes: Buffer;
  /** By performance.now(). */
  readonly at: number;
}

export class Pump {
  readonly #queue: Piece[] = [];
  #queued = 0;
  #lastAt = 0;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly condition: () => LinkCondition,
    private readonly random: Random,
  ) {
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => {
      this.#ended = true;
      this.look();
    });
    to.on('drain', () => this.look());
    to.on('close', () => clearTimeout(this.#timer));
  }

  /** Passes on what may pass now; called again whenever the condition has changed. */
  look(): void {
    clearTimeout(this.#timer);
    if (this.condition().kind === 'stalled' || this.to.destroyed) return;
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      const wait = first.at - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.look(), wait);
        return;
      }
      if (this.to.writableNeedDrain) return;
      this.#queue.shift();
      this.#queued -= first.bytes.length;
      this.to.write(first.bytes);
    }
    this.from.resume();
    if (this.#ended) this.to.end();
  }

  #take(bytes: Buffer): void {
    const condition = this.condition();
    if (condition.kind === 'slow' && this.#happens(condition.resetRate)) {
      this.from.resetAndDestroy();
      this.to.resetAndDestroy();
      return;
    }
    this.#lastAt = Math.max(this.#lastAt, performance.now() + this.#delay(condition)) + duration(condition, bytes);
    this.#queue.push({ bytes, at: this.#lastAt });
    this.#queued += bytes.length;
    if (this.#queued > QUEUE_BYTES) this.from.pause();
    this.look();
  }

  #delay(condition: LinkCondition): number {
    if (condition.kind !== 'slow') return 0;
    const jitter = ((condition.jitterMs ?? 0) * this.random.below(RESOLUTION)) / RESOLUTION;
    let lost = 0;
    // Each time it is lost again, the sender waits twice as long.
    for (let wait = SENT_AGAIN_MS; this.#happens(condition.lossRate); wait *= 2) lost += wait;
    return condition.delayMs + jitter + lost;
  }

  #happens(rate = 0): boolean {
    return this.random.below(RESOLUTION) < rate * RESOLUTION;
  }
}

function duration(condition: LinkCondition, { length }: Buffer): number {
  const rate = condition.kind === 'slow' ? condition.bytesPerSecond : undefined;
  return rate === undefined ? 0 : (length / rate) * 1_000;
}
