/**
 * How much readings weigh: their values, and the characters of their names, units and texts, which are what everything that
 * shows, stores or sends them takes its time for.
 */
import type { Reading } from './reading';

/** Of all readings of a poll, and so of the newest readings of a plugin. */
export const MAX_VALUES = 1_024;
/** A thousand values with names and units of sixty characters each; some 2 ms of work for whoever goes through them on a PC. */
export const MAX_CHARACTERS = 131_072;
/** What is handled without a break: less than 5 ms of the dearest work there is, on a Raspberry Pi. */
export const VALUES_AT_ONCE = 64;

export interface Size {
  readonly values: number;
  readonly characters: number;
}

export function sizeOf({ sensorId, values, units }: Reading): Size {
  const size = { values: 0, characters: sensorId.length };
  for (const [field, value] of Object.entries(values)) {
    size.values += 1;
    size.characters += field.length + (typeof value === 'string' ? value.length : 0);
    if (Object.hasOwn(units, field)) size.characters += units[field]?.length ?? 0;
  }
  return size;
}

/** For pieces: a reading without values costs something, too. */
export function weightOf({ values }: Reading): number {
  return Math.max(1, Object.keys(values).length);
}
