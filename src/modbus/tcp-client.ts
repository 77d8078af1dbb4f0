/**
 * One client of the TCP server. It is given so many requests a second; beyond that nothing more is read from it until
 * its next turn, so that TCP itself slows it down. The same holds while its answers lie unread. What is kept of it is
 * bounded by one chunk of its socket (64 KB) and one answer.
 */
import type { Socket } from 'node:net';
import type { TokenBucket } from '../platform/token-bucket';
import { nextTcpFrame, type TcpRequest, tcpResponse } from './tcp-frame';

/** The PDU of the answer; a TCP client is always given one. */
export type AnswerTcp = (unitId: number, pdu: Buffer) => Buffer;

/** What it is doing, and since when (ms that only go forward). */
type ClientState =
  /** Between two requests. */
  | { readonly kind: 'silent'; readonly since: number }
  /** In the middle of a frame. */
  | { readonly kind: 'sending'; readonly since: number }
  /** More requests than it is given: it waits for its next turn. */
  | { readonly kind: 'waiting'; readonly since: number }
  /** It does not read its answers. */
  | { readonly kind: 'unread'; readonly since: number };

/** A PLC that asks once a minute stays connected. */
export const SILENT_LIMIT_MS = 150_000;
/** A frame of 260 bytes over any link that works at all. */
export const FRAME_LIMIT_MS = 5_000;
export const UNREAD_LIMIT_MS = 10_000;
/** So that ten clients have their turn where all together are given forty requests. */
const REQUESTS_A_TURN = 4;

const NOTHING = Buffer.alloc(0);

export class TcpClient {
  #received: Buffer = NOTHING;
  #state: ClientState;

  constructor(
    readonly socket: Socket,
    readonly answer: AnswerTcp,
    /** Its own, then the one of all clients together. */
    readonly buckets: readonly [TokenBucket, TokenBucket],
    readonly now: () => number,
  ) {
    this.#state = { kind: 'silent', since: now() };
    socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      // What was under way when it was paused waits with the rest.
      if (this.#state.kind !== 'unread') this.#work();
    });
    socket.on('drain', () => {
      if (this.#state.kind === 'unread') this.#work();
    });
    // A connection that breaks is closed, and 'close' follows; there is nothing else to do about it.
    socket.on('error', () => undefined);
  }

  /** Since when it has asked nothing; undefined while it does. */
  get silentSince(): number | undefined {
    return this.#state.kind === 'silent' ? this.#state.since : undefined;
  }

  /** Whether it was given any request. */
  turn(): boolean {
    const waitedFor = this.#received.length;
    if (this.#state.kind === 'waiting') this.#work(REQUESTS_A_TURN);
    return this.#received.length < waitedFor;
  }

  /** Whether it has kept a state for longer than that state may last. */
  isOverdue(now: number): boolean {
    const { kind, since } = this.#state;
    switch (kind) {
      case 'silent':
        return now - since > SILENT_LIMIT_MS;
      case 'sending':
        return now - since > FRAME_LIMIT_MS;
      case 'unread':
        return now - since > UNREAD_LIMIT_MS;
      case 'waiting':
        return false;
    }
  }

  #work(most = Number.POSITIVE_INFINITY): void {
    let left = most;
    for (let goesOn = true; goesOn; ) {
      const frame = nextTcpFrame(this.#received);
      switch (frame.kind) {
        case 'broken':
          this.socket.destroy();
          return;
        case 'incomplete':
          this.#rest();
          return;
        case 'request':
          goesOn = left > 0 ? this.#serve(frame) : this.#pause('waiting');
          left -= 1;
      }
    }
  }

  /** false where it has to wait before its next request. */
  #serve({ transaction, unitId, pdu, length }: TcpRequest): boolean {
    if (!this.buckets.every((bucket) => bucket.take())) return this.#pause('waiting');
    this.#received = this.#received.subarray(length);
    this.#state = { kind: 'silent', since: this.now() };
    if (this.socket.write(tcpResponse(transaction, unitId, this.answer(unitId, pdu)))) return true;
    return this.#pause('unread');
  }

  #pause(kind: 'waiting' | 'unread'): false {
    this.#state = { kind, since: this.now() };
    this.socket.pause();
    return false;
  }

  #rest(): void {
    if (this.#received.length === 0) {
      this.#received = NOTHING;
      this.#state = { kind: 'silent', since: this.now() };
    } else if (this.#state.kind !== 'sending') {
      // A copy, so that some bytes do not hold on to the chunk they came in.
      this.#received = Buffer.from(this.#received);
      this.#state = { kind: 'sending', since: this.now() };
    }
    this.socket.resume();
  }
}
