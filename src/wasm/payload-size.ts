/**
 * How large the error side of a guest's `result` is, before it is written out as text: JSON of a list of bytes has ten
 * characters for each, which may be more than the heap of the guest's thread. Counted no further than the limit.
 */

/** What JSON writes for an object and a number, compared with a character of text. */
const OBJECT_BYTES = 512;
const SCALAR_BYTES = 32;

export function exceedsLimit(payload: unknown, limitBytes: number): boolean {
  const waiting: unknown[] = [payload];
  let bytes = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string') bytes += value.length;
    else if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else if (typeof value === 'object' && value !== null) {
      const parts: unknown[] = Array.isArray(value) ? value : Object.values(value);
      bytes += OBJECT_BYTES + parts.length * SCALAR_BYTES;
      // The names of a record's fields are written with each record, and a crafted component may make them 100 KB long.
      if (parts !== value) for (const name of Object.keys(value)) bytes += name.length;
      if (bytes <= limitBytes) for (const part of parts) waiting.push(part);
    } else bytes += SCALAR_BYTES;
    if (bytes > limitBytes) return true;
  }
  return false;
}
