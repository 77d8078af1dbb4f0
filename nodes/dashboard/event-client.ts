/**
 * One browser at the event stream. It is never buffered for beyond one page: while it does not take what it was given, it
 * is given nothing, and after 30 s of that it is gone or asleep, and dropped; its browser reconnects by itself.
 */
import type { ServerResponse } from 'node:http';

/**
 * What it came for. `shown` is the revision of the page that it shows already; until it is `told` what the newest page is, or
 * until it is `closed`.
 */
export type Asked =
  | { readonly kind: 'events' }
  | { readonly kind: 'page'; readonly shown: string | undefined; readonly until: 'told' | 'closed' };

/** Fifteen heartbeats. */
const MAX_MISSED_BEATS = 15;
/** Some hundred events that a client in the same moment is told. */
const MAX_UNREAD_BYTES = 256 * 2 ** 10;

export class EventClient {
  /** `waiting`: what the newest page is must be found out first; an older one is not for it. */
  state: 'waiting' | 'following' = 'waiting';
  /** Of the page that it was given last. */
  shown: string | undefined;
  #missedBeats = 0;

  constructor(
    readonly response: ServerResponse,
    readonly asked: Asked,
  ) {
    this.shown = asked.kind === 'page' ? asked.shown : undefined;
  }

  /** Whether it has taken what it was given. */
  get isReading(): boolean {
    return !this.response.writableNeedDrain;
  }

  /** False: it lies too far behind and is to be dropped. */
  write(text: string | Buffer): boolean {
    if (this.response.writableLength > MAX_UNREAD_BYTES) return false;
    this.response.write(text);
    return true;
  }

  /** False: it missed too many in a row. */
  beat(text: string): boolean {
    if (this.isReading) {
      this.#missedBeats = 0;
      this.response.write(text);
      return true;
    }
    this.#missedBeats += 1;
    return this.#missedBeats < MAX_MISSED_BEATS;
  }
}
