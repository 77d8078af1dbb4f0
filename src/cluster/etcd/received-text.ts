/**
 * What a response, or a line of a stream, may be before it is parsed: parsing happens in one turn of Node-RED's loop. Its time
 * follows the bytes, and more than these the number of values: a megabyte of `[` takes as long as ten of base64.
 */

/**
 * etcd takes requests of 1.5 MiB, and cuts what a watch tells into fragments of half a MiB more: base64 makes 2.7 MiB of that.
 * The largest value there is fits, and so does a fragment, with what is around them.
 */
export const MAX_RESPONSE_BYTES = 3 * 2 ** 20;
/** A key with its value has six, so that these are some 5 000 of them: parsed and decoded in some 17 ms on a PC. */
export const MAX_RESPONSE_PARTS = 32_000;

const COMMA = ','.charCodeAt(0);
const BRACKET = '['.charCodeAt(0);
const BRACE = '{'.charCodeAt(0);

export class ReceivedText {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #parts = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns what is too much of it, if so. */
  add(chunk: Buffer): string | undefined {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_RESPONSE_BYTES) return `is larger than ${MAX_RESPONSE_BYTES} bytes`;
    this.#parts += partsIn(chunk);
    if (this.#parts > MAX_RESPONSE_PARTS) return `has more than ${MAX_RESPONSE_PARTS} values`;
    this.#chunks.push(chunk);
    return undefined;
  }

  /** And begins anew. */
  take(): string {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    this.#chunks.length = 0;
    this.#bytes = 0;
    this.#parts = 0;
    return text;
  }
}

/** By index: a Buffer's iterator takes five times as long. */
function partsIn(chunk: Buffer): number {
  let parts = 0;
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk[i];
    if (byte === COMMA || byte === BRACKET || byte === BRACE) parts += 1;
  }
  return parts;
}
