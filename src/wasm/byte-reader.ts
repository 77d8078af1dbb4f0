/**
 * Reads WebAssembly's binary format (core specification 5.2, component-model Binary.md) front to back. Every read is
 * checked against the end, so a truncated or lying file ends in PLUGIN_INVALID and never in a wrong value.
 */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';

/** LEB128 of a u32 takes at most five bytes. */
const MAX_U32_BYTES = 5;

/** A byte order mark is kept: V8 and jco keep it, and a name that is checked must be the name that is used. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface Section {
  readonly id: number;
  /** Offset of the section's id byte in the file. */
  readonly start: number;
  readonly body: Uint8Array;
}

export class ByteReader {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.#at];
    if (value === undefined) throw truncated(this.#at);
    this.#at += 1;
    return value;
  }

  u32(): number {
    let value = 0;
    for (let i = 0; i < MAX_U32_BYTES; i += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new WasiError('PLUGIN_INVALID', `a number at byte ${this.#at} is longer than 32 bits`);
  }

  s32(): number {
    let value = 0;
    for (let i = 0; i < MAX_U32_BYTES; i += 1) {
      const byte = this.byte();
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        const signBit = 7 * (i + 1);
        return signBit < 32 && (byte & 0x40) !== 0 ? value | (-1 << signBit) : value;
      }
    }
    throw new WasiError('PLUGIN_INVALID', `a number at byte ${this.#at} is longer than 32 bits`);
  }

  /** Skips a signed LEB128 of any width. */
  skipSigned(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.bytes.length) throw truncated(this.bytes.length);
    const taken = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  name(): string {
    try {
      return utf8.decode(this.take(this.u32()));
    } catch (cause) {
      if (cause instanceof WasiError) throw cause;
      throw new WasiError('PLUGIN_INVALID', `a name at byte ${this.#at} is not UTF-8`, { cause });
    }
  }
}

/** A hundred times a Python plugin's. An empty one takes two bytes: the largest file would be read for minutes. */
export const MAX_SECTIONS = 10_000;

/** The sections behind an eight-byte header, which the caller has looked at. */
export function* sections(bytes: Uint8Array): Generator<Section> {
  const reader = new ByteReader(bytes);
  reader.take(8);
  for (let count = 1; !reader.done; count += 1) {
    if (count > MAX_SECTIONS)
      throw new WasiError('PLUGIN_INVALID', `it has more than ${MAX_SECTIONS} sections ${FIXED}`);
    const start = reader.at;
    const id = reader.byte();
    yield { id, start, body: reader.take(reader.u32()) };
  }
}

export function u32Leb(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest = Math.floor(rest / 0x80);
    out.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return out;
}

function truncated(at: number): WasiError {
  return new WasiError('PLUGIN_INVALID', `the file ends at byte ${at}, in the middle of something: copy it again`);
}
