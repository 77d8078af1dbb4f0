/**
 * The child's end of one socket, read and written by a thread that waits meanwhile: a guest's import cannot await. Its
 * descriptor is inherited and blocking (libuv makes only the parent's end non-blocking).
 */
import { readSync, writeSync } from 'node:fs';
import { decodeBody, encodeFrame, type FrameKind, frameKind, LENGTH_BYTES } from '../frames';

/** Frames of up to this size are read with one system call. */
const CHUNK_BYTES = 65_536;

/** Node-RED's end is closed: nobody is there to work for. */
export class SocketClosed extends Error {
  override readonly name = 'SocketClosed';
}

export class BlockingSocket {
  /** What was received and is not taken yet: `#buffer` from `#start` to `#end`. */
  #buffer = Buffer.alloc(CHUNK_BYTES);
  #start = 0;
  #end = 0;

  constructor(
    readonly fd: number,
    readonly kinds: ReadonlyMap<number, FrameKind>,
  ) {}

  /** Throws ValueTooLarge before anything is written. */
  send(kind: FrameKind, value: unknown): void {
    const frame = encodeFrame(kind, value);
    for (let at = 0; at < frame.length; ) at += writeSync(this.fd, frame, at);
  }

  /** Waits for the next frame. Throws SocketClosed. */
  receive(): { readonly kind: FrameKind; readonly value: unknown } {
    this.#fill(LENGTH_BYTES + 1);
    const length = this.#buffer.readUInt32LE(this.#start);
    const kind = frameKind(this.kinds, length, this.#buffer.readUInt8(this.#start + LENGTH_BYTES));
    this.#fill(LENGTH_BYTES + length);
    const bodyStart = this.#start + LENGTH_BYTES + 1;
    this.#start += LENGTH_BYTES + length;
    const value = decodeBody(kind, this.#buffer.subarray(bodyStart, this.#start));
    if (this.#start === this.#end) this.#forget();
    return { kind, value };
  }

  /** Waits until so many bytes are there from `#start` on. */
  #fill(bytes: number): void {
    if (this.#start + bytes > this.#buffer.length) {
      const larger = bytes > this.#buffer.length ? Buffer.alloc(bytes) : this.#buffer;
      this.#buffer.copy(larger, 0, this.#start, this.#end);
      this.#buffer = larger;
      this.#end -= this.#start;
      this.#start = 0;
    }
    while (this.#end - this.#start < bytes) {
      const length = readSync(this.fd, this.#buffer, this.#end, this.#buffer.length - this.#end, null);
      if (length === 0) throw new SocketClosed();
      this.#end += length;
    }
  }

  /** A large frame's buffer is not kept for the small ones that follow. */
  #forget(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#buffer.length > CHUNK_BYTES) this.#buffer = Buffer.alloc(CHUNK_BYTES);
  }
}
