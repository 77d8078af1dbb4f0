/**
 * How many calls the grants of one plugin refused. All guests of the plugin count here, each in its own thread and while
 * it calls, so that those of a guest that is stopped in mid-call count as well.
 */

/** Crosses between threads as it is: its memory is shared. 64 bits, since a guest can be refused a million times a second. */
export type RefusalCount = BigInt64Array;

export function newRefusalCount(): RefusalCount {
  return new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
}

export function countRefusal(count: RefusalCount): void {
  Atomics.add(count, 0, 1n);
}

export function refusalsIn(count: RefusalCount): number {
  return Number(Atomics.load(count, 0));
}
