/**
 * A fixed piece of work that every measured process times itself. A time in ms divided by it can be compared between
 * machines, and between runs on a machine that does other work. The data is hashed in small parts: a buffer of 32 MiB
 * would change the memory that some processes measure.
 */
import { createHash } from 'node:crypto';

const PART = Buffer.alloc(2 ** 20);
const PARTS = 32;
const REPEATS = 3;

/** The times in ms of several repetitions. */
export function timeYardstick() {
  return Array.from({ length: REPEATS }, () => {
    const startedAt = performance.now();
    const hash = createHash('sha256');
    for (let part = 0; part < PARTS; part += 1) hash.update(PART);
    hash.digest();
    return performance.now() - startedAt;
  });
}
