/** Readings that are gone, counted, and told of: each reason at most once a minute. */
import type { Clock } from '../platform/clock';

const TELL_EVERY_MS = 60_000;

/** No room: of the outbox. Too large: it was never taken. Refused: by etcd, whatever goes with it. Not kept: the outbox cannot be had. */
export type DropReason = 'no room' | 'too large' | 'refused' | 'not kept';

const WHY: Readonly<Record<DropReason, string>> = {
  'no room': 'its outbox has no more room, etcd is away too long',
  'too large': 'they are larger than 32 kB, which is more than a reading may have',
  refused: 'etcd refuses to store them; set its --max-request-bytes no lower than its default',
  'not kept': 'its outbox could not be opened before this runtime ended',
};

export class Losses {
  dropped = 0;
  missed = 0;
  readonly #droppedBy = new Map<DropReason, number>();
  readonly #toldAt = new Map<DropReason | 'missed', number>();

  constructor(
    readonly clock: Clock,
    readonly log: (level: 'info' | 'warn', text: string) => void,
  ) {}

  drop(readings: number, reason: DropReason): void {
    this.dropped += readings;
    const soFar = readings + (this.#droppedBy.get(reason) ?? 0);
    this.#droppedBy.set(reason, soFar);
    this.#tell(reason, `${soFar} readings of this node were dropped: ${WHY[reason]}`);
  }

  miss(node: string, readings: number): void {
    this.missed += readings;
    this.#tell(
      'missed',
      `${readings} readings of ${node} are missing: they were no longer in etcd when this node came to read them`,
    );
  }

  #tell(about: DropReason | 'missed', text: string): void {
    const now = this.clock.monotonic();
    if (now - (this.#toldAt.get(about) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
    this.#toldAt.set(about, now);
    this.log('warn', text);
  }
}
