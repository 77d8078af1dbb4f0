/**
 * Node-RED's end of one guest's socket, used by one guest after the other. A thread that was stopped may leave half a
 * frame behind in either direction, so that a channel is emptied up to a random marker before the next guest gets it.
 */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { DRAIN_MARKER_BYTES, type ThreadEnd } from './control-messages';
import { encodeFrame, type FrameKind, FrameReader, ProtocolViolation } from './frames';
import { FROM_GUEST_KINDS, type FromGuest, parseFromGuest, TO_GUEST } from './guest-messages';
import type { ProcessEnd } from './hardened-process';
import { MalformedValue } from './value-codec';

/** Why a guest is gone that was not told to go. */
export type GuestEnd =
  | ThreadEnd
  /** It sent what no thread of ours sends. */
  | { readonly kind: 'violation'; readonly message: string }
  /** Its process ended. */
  | { readonly kind: 'process'; readonly end: ProcessEnd };

/** The guest that has a channel. */
export interface ChannelUser {
  onMessage(message: FromGuest): void;
  /** Once, and nothing after it. */
  onEnd(end: GuestEnd): void;
}

type ChannelState =
  | { readonly kind: 'free' }
  | { readonly kind: 'used'; readonly user: ChannelUser; readonly reader: FrameReader }
  /** Told to end; what it still sends is discarded. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'draining'; readonly marker: Buffer; readonly tail: Buffer }
  | { readonly kind: 'closed' };

export class GuestChannel {
  #state: ChannelState = { kind: 'free' };

  constructor(
    readonly index: number,
    readonly socket: Duplex,
    /** The guest broke the rules: its thread is to be stopped. */
    readonly onViolation: () => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  get isFree(): boolean {
    return this.#state.kind === 'free';
  }

  take(user: ChannelUser): void {
    if (this.#state.kind !== 'free') throw new Error(`channel ${this.index} is in use`);
    this.#state = { kind: 'used', user, reader: new FrameReader(FROM_GUEST_KINDS) };
  }

  /** Throws ValueTooLarge. A channel that is not in use any more sends nothing: its user was told. */
  send(kind: FrameKind, value: unknown): void {
    const frame = encodeFrame(kind, value);
    if (this.#state.kind === 'used') this.socket.write(frame);
  }

  /** Wakes the thread if it waits for a frame; its user hears nothing more. */
  leave(): void {
    if (this.#state.kind !== 'used') return;
    this.socket.write(encodeFrame(TO_GUEST.quit, undefined));
    this.#state = { kind: 'ending' };
  }

  /** The thread is gone. Returns the marker to drain up to; undefined: nothing was running here. */
  threadEnded(end: ThreadEnd): Buffer | undefined {
    const state = this.#state;
    if (state.kind !== 'used' && state.kind !== 'ending') return undefined;
    const marker = randomBytes(DRAIN_MARKER_BYTES);
    this.#state = { kind: 'draining', marker, tail: Buffer.alloc(0) };
    this.socket.write(marker);
    if (state.kind === 'used') state.user.onEnd(end);
    return marker;
  }

  /** The process is gone, or to be killed. */
  close(end: ProcessEnd): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.socket.destroy();
    if (state.kind === 'used') state.user.onEnd({ kind: 'process', end });
  }

  #receive(chunk: Buffer): void {
    const state = this.#state;
    if (state.kind === 'draining') {
      const seen = Buffer.concat([state.tail, chunk]);
      // The thread of the guest is gone and its process sends nothing after the marker.
      this.#state = seen.subarray(-state.marker.length).equals(state.marker)
        ? { kind: 'free' }
        : { ...state, tail: seen.subarray(-state.marker.length) };
    } else if (state.kind === 'used') this.#read(state.reader, state.user, chunk);
  }

  #read(reader: FrameReader, user: ChannelUser, chunk: Buffer): void {
    try {
      for (const { kind, value } of reader.push(chunk)) {
        user.onMessage(parseFromGuest(kind, value));
        // A message may have made its user leave.
        if (this.#state.kind !== 'used') return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation || error instanceof MalformedValue)) throw error;
      this.leave();
      user.onEnd({ kind: 'violation', message: error.message });
      this.onViolation();
    }
  }
}
