/** What a guest's call left behind, as its worker sends it, parsed back into types. The worker's own code makes it, so a surprise is a bug. */
import type { LedWrite } from '../leds/led-buffer';

export function parseLedWrites(effects: unknown): readonly LedWrite[] {
  if (effects === undefined) return [];
  if (!Array.isArray(effects) || !effects.every(isLedWrite))
    throw new TypeError('a guest worker sent LED changes of an unknown form');
  return effects;
}

export function parseStateChanges(effects: unknown): ReadonlyMap<string, Uint8Array | undefined> {
  if (effects === undefined) return new Map();
  const state: unknown =
    typeof effects === 'object' && effects !== null && 'state' in effects ? effects.state : undefined;
  if (!(state instanceof Map)) throw new TypeError('a guest worker sent state of an unknown form');
  const changes = new Map<string, Uint8Array | undefined>();
  for (const [key, value] of state) {
    if (typeof key === 'string' && (value === undefined || value instanceof Uint8Array)) changes.set(key, value);
  }
  return changes;
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
