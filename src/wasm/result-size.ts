/**
 * How much a guest's answer may weigh: it crosses to the thread of the caller, who has to take it in at once. Counted in
 * the guest's own thread, before it leaves, and no further than the limit.
 */

/** A page or a hundred readings is some 30 KB; taking this much in costs the receiving thread a few milliseconds. */
export const MAX_RESULT_BYTES = 2 * 2 ** 20;

/** What an object and a number cost to clone, measured against bytes of text: 0.8 µs and 0.03 µs on a PC. */
const OBJECT_BYTES = 512;
const SCALAR_BYTES = 32;

export function exceedsLimit(result: unknown, limitBytes = MAX_RESULT_BYTES): boolean {
  const waiting: unknown[] = [result];
  let bytes = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string') bytes += value.length;
    else if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else if (typeof value === 'object' && value !== null) {
      const parts: unknown[] = Array.isArray(value) ? value : Object.values(value);
      bytes += OBJECT_BYTES + parts.length * SCALAR_BYTES;
      // A clone writes the names of a record's fields with each record, and a crafted component may make them 100 KB long.
      if (parts !== value) for (const name of Object.keys(value)) bytes += name.length;
      if (bytes <= limitBytes) for (const part of parts) waiting.push(part);
    } else bytes += SCALAR_BYTES;
    if (bytes > limitBytes) return true;
  }
  return false;
}
