/**
 * Chance that can be repeated: every number is a pure function of a seed and of what it is for, so the same seed tells
 * the same story in any order of reading. Not for secrets.
 */

/** Even 32 bits from two numbers (the finaliser of MurmurHash3 over their sum with odd multiples). */
export function hash32(a: number, b: number): number {
  let h = (Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca77)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A text as a number, to keep the chances of different signals apart (FNV-1a). */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Above 0 and up to 1. */
export function uniform(a: number, b: number): number {
  return (hash32(a, b) + 1) / 2 ** 32;
}

/** N(0, 1), by Box and Muller. */
export function normal(seed: number, index: number): number {
  return Math.sqrt(-2 * Math.log(uniform(seed, index))) * Math.cos(2 * Math.PI * uniform(~seed, index));
}

/** New noise comes in once in this time, so that two reads a second apart differ by a fraction of it, as in a room. */
const KNOT_INTERVAL_S = 30;

/**
 * Noise over time: N(0, 1) at every instant, and continuous. Between two knots it turns from one's value to the other's
 * along a quarter circle, whose sine and cosine keep the variance at 1 where a straight line would lower it.
 */
export function noiseAt(seed: number, seconds: number): number {
  const knots = seconds / KNOT_INTERVAL_S;
  const knot = Math.floor(knots);
  const part = knots - knot;
  const angle = (Math.PI / 2) * part * part * (3 - 2 * part);
  return normal(seed, knot) * Math.cos(angle) + normal(seed, knot + 1) * Math.sin(angle);
}
