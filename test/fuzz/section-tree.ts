/**
 * A component or core module as its sections, nested components and modules within, so that a mutation inside keeps every
 * length around it true. What does not read as sections stays bytes. Deliberately not src/wasm/byte-reader: a mutator
 * that shares the reader's mistakes would never show them.
 */
export interface Section {
  readonly id: number;
  content: Uint8Array | Binary;
}

export interface Binary {
  readonly header: Uint8Array;
  readonly sections: Section[];
}

const HEADER_BYTES = 8;
const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const NESTED_IN_COMPONENT: ReadonlySet<number> = new Set([1, 4]);
const COMPONENT_LAYER = 1;

export function isBinary(content: Uint8Array | Binary): content is Binary {
  return !(content instanceof Uint8Array);
}

/** undefined: not whole sections behind a header. */
export function parseTree(bytes: Uint8Array): Binary | undefined {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const isComponent = bytes[6] === COMPONENT_LAYER;
  const sections: Section[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const id = bytes[at] ?? 0;
    const size = readLeb(bytes, at + 1);
    if (!size || size.next + size.value > bytes.length) return undefined;
    const body = bytes.subarray(size.next, size.next + size.value);
    const nested = isComponent && NESTED_IN_COMPONENT.has(id) ? parseTree(body) : undefined;
    sections.push({ id, content: nested ?? body });
    at = size.next + size.value;
  }
  return { header: bytes.subarray(0, HEADER_BYTES), sections };
}

export function encodeTree(binary: Binary): Uint8Array {
  const parts: Uint8Array[] = [binary.header];
  for (const { id, content } of binary.sections) {
    const body = isBinary(content) ? encodeTree(content) : content;
    parts.push(Uint8Array.from([id, ...leb(body.length)]), body);
  }
  return join(parts);
}

/** Every binary within, itself first. */
export function binariesIn(binary: Binary): Binary[] {
  return [binary, ...binary.sections.flatMap(({ content }) => (isBinary(content) ? binariesIn(content) : []))];
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** `bytes` long at least, as a careless or hostile writer pads it. */
export function leb(value: number, bytes = 1): number[] {
  const out: number[] = [];
  for (let rest = value; out.length < bytes || rest > 0; rest = Math.floor(rest / 0x80)) out.push(rest & 0x7f);
  return out.map((part, i) => (i < out.length - 1 ? part | 0x80 : part));
}

function readLeb(bytes: Uint8Array, from: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = bytes[from + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  return undefined;
}
