/** What a guest's call left behind, as its worker sends it, parsed back into types. The worker's own code makes it, so a surprise is a bug. */
import type { KeptChanges } from '../capabilities/guest-imports-data';
import type { LedWrite } from '../leds/led-buffer';

const NONE_KEPT: KeptChanges = new Map();

export function parseLedWrites(effects: unknown): readonly LedWrite[] {
  if (effects === undefined) return [];
  if (!Array.isArray(effects) || !effects.every(isLedWrite))
    throw new TypeError('a guest worker sent LED changes of an unknown form');
  return effects;
}

/** Entries that are no bytes are left out. */
export function parseKept(effects: unknown): KeptChanges {
  if (effects === undefined) return NONE_KEPT;
  if (!(effects instanceof Map)) throw new TypeError('a guest worker sent state of an unknown form');
  const kept = new Map<string, Uint8Array | undefined>();
  for (const [key, value] of effects) {
    if (typeof key === 'string' && (value === undefined || value instanceof Uint8Array)) kept.set(key, value);
  }
  return kept;
}

function isLedWrite(value: unknown): value is LedWrite {
  return (
    typeof value === 'object' &&
    value !== null &&
    'index' in value &&
    typeof value.index === 'number' &&
    'r' in value &&
    typeof value.r === 'number' &&
    'g' in value &&
    typeof value.g === 'number' &&
    'b' in value &&
    typeof value.b === 'number'
  );
}
