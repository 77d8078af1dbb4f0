/**
 * Frames on the socket between Node-RED and a guest: a little-endian u32 with the number of bytes that follow, one byte
 * for the kind, and one value (`value-codec.ts`). The limit of each kind is checked as soon as the header is there,
 * before anything of the frame is kept.
 */
import { decodeValue, encodeValue } from './value-codec';

export const LENGTH_BYTES = 4;

/** What a frame of one kind may be: its number, and how much its value may cost (`value-codec.ts`). */
export interface FrameKind {
  readonly id: number;
  readonly maxCost: number;
}

/** A frame that breaks the protocol: its sender must not be trusted any longer. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

/** A value never takes more bytes than this for what it costs: an empty list takes 5 bytes and costs far more. */
function maxBytes({ maxCost }: FrameKind): number {
  return 1 + maxCost + LENGTH_BYTES;
}

/** Throws ValueTooLarge. */
export function encodeFrame(kind: FrameKind, value: unknown): Buffer {
  const body = encodeValue(value, kind.maxCost);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + 1 + body.length);
  frame.writeUInt32LE(1 + body.length, 0);
  frame.writeUInt8(kind.id, LENGTH_BYTES);
  body.copy(frame, LENGTH_BYTES + 1);
  return frame;
}

/** Throws MalformedValue. */
export function decodeBody(kind: FrameKind, body: Uint8Array): unknown {
  return decodeValue(body, kind.maxCost);
}

/** Which kind a frame has, by its first bytes. Throws ProtocolViolation. */
export function frameKind(kinds: ReadonlyMap<number, FrameKind>, length: number, id: number): FrameKind {
  const kind = kinds.get(id);
  if (!kind) throw new ProtocolViolation(`a frame has the unknown kind ${id}`);
  if (length < 1 || length > maxBytes(kind)) throw new ProtocolViolation(`a frame of kind ${id} has ${length} bytes`);
  return kind;
}

export function kindsById(kinds: Readonly<Record<string, FrameKind>>): ReadonlyMap<number, FrameKind> {
  return new Map(Object.values(kinds).map((kind) => [kind.id, kind]));
}

/**
 * Cuts a stream of bytes into frames. Holds at most one frame, and of a frame that is too long nothing but its header.
 * After a ProtocolViolation it must not be used again.
 */
export class FrameReader {
  #pieces: Buffer[] = [];
  #held = 0;

  constructor(readonly kinds: ReadonlyMap<number, FrameKind>) {}

  /** Each whole frame that `chunk` completes, in order. Throws ProtocolViolation and MalformedValue. */
  *push(chunk: Buffer): Generator<{ readonly kind: FrameKind; readonly value: unknown }> {
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    for (;;) {
      if (this.#held < LENGTH_BYTES + 1) return;
      const head = this.#front(LENGTH_BYTES + 1);
      const length = head.readUInt32LE(0);
      const kind = frameKind(this.kinds, length, head.readUInt8(LENGTH_BYTES));
      const whole = LENGTH_BYTES + length;
      if (this.#held < whole) return;
      const frame = this.#front(whole);
      yield { kind, value: decodeBody(kind, frame.subarray(LENGTH_BYTES + 1, whole)) };
      this.#drop(whole);
    }
  }

  /** The first piece, joined with those after it where it is shorter. */
  #front(bytes: number): Buffer {
    const [first] = this.#pieces;
    if (first && first.length >= bytes) return first;
    const joined = Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [joined];
    return joined;
  }

  #drop(bytes: number): void {
    const [first] = this.#pieces;
    if (!first) return;
    this.#held -= bytes;
    if (first.length === bytes) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(bytes);
  }
}
