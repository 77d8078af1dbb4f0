/**
 * The bytes of a segment of the outbox: records one after the other, each
 *
 *   length of the payload, 4 bytes little-endian | CRC-32 of it, 4 bytes little-endian | payload: `<seq>\n<reading>`
 *
 * Reading stops at the first that is not whole: a write that was cut off leaves a torn end, and what lies behind it was
 * never said to be kept.
 */
import { crc32 } from '../../platform/crc32';

/** A reading on its way, already as the text that etcd will have. */
export interface Entry {
  /** Of its epoch, from 1. */
  readonly seq: number;
  readonly text: string;
}

export interface Decoded {
  readonly entries: readonly Entry[];
  /** What lies behind the last whole record. */
  readonly tornBytes: number;
}

const HEADER_BYTES = 8;
/** Larger than any reading that is taken: a longer one is no length. */
const MAX_PAYLOAD_BYTES = 256 * 2 ** 10;

export function encodeRecords(entries: readonly Entry[]): Buffer {
  return Buffer.concat(entries.flatMap(({ seq, text }) => record(Buffer.from(`${seq}\n${text}`, 'utf8'))));
}

export function decodeRecords(data: Buffer): Decoded {
  const entries: Entry[] = [];
  let at = 0;
  for (;;) {
    const payload = payloadAt(data, at);
    const entry = payload && entryOf(payload);
    if (payload === undefined || entry === undefined) return { entries, tornBytes: data.length - at };
    entries.push(entry);
    at += HEADER_BYTES + payload.length;
  }
}

function record(payload: Buffer): [Buffer, Buffer] {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt32LE(crc32(payload), 4);
  return [header, payload];
}

function payloadAt(data: Buffer, at: number): Buffer | undefined {
  if (data.length - at < HEADER_BYTES) return undefined;
  const length = data.readUInt32LE(at);
  const end = at + HEADER_BYTES + length;
  if (length === 0 || length > MAX_PAYLOAD_BYTES || end > data.length) return undefined;
  const payload = data.subarray(at + HEADER_BYTES, end);
  return crc32(payload) === data.readUInt32LE(at + 4) ? payload : undefined;
}

function entryOf(payload: Buffer): Entry | undefined {
  const newline = payload.indexOf('\n');
  const seq = Number(payload.toString('utf8', 0, Math.max(0, newline)));
  if (newline < 1 || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  return { seq, text: payload.toString('utf8', newline + 1) };
}
