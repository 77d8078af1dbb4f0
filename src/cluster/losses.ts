/** Readings that are gone, counted, and told of at most once a minute. */
import type { ClusterClock } from './clock';

const TELL_EVERY_MS = 60_000;

export class Losses {
  dropped = 0;
  missed = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly clock: ClusterClock,
    readonly log: (level: 'info' | 'warn', text: string) => void,
  ) {}

  drop(readings: number): void {
    this.dropped += readings;
    this.#tell(
      `${this.dropped} readings of this node were dropped: its outbox has no more room, etcd is away too long`,
    );
  }

  miss(node: string, readings: number): void {
    this.missed += readings;
    this.#tell(
      `${readings} readings of ${node} are missing: they were no longer in etcd when this node came to read them`,
    );
  }

  #tell(text: string): void {
    const now = this.clock.monotonic();
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.log('warn', text);
  }
}
