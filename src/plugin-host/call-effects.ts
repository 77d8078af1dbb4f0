/** What a guest's call left behind, as its worker sends it, parsed back into types. The worker's own code makes it, so a surprise is a bug. */
import type { CallTraces } from '../capabilities/guest-imports-data';
import { type ErrorFacts, isAbsence } from '../errors';
import type { LedWrite } from '../leds/led-buffer';

const NO_TRACES: CallTraces = { kept: new Map(), absent: undefined };

export function parseLedWrites(effects: unknown): readonly LedWrite[] {
  if (effects === undefined) return [];
  if (!Array.isArray(effects) || !effects.every(isLedWrite))
    throw new TypeError('a guest worker sent LED changes of an unknown form');
  return effects;
}

/** Entries of what is kept that are no bytes are left out. */
export function parseTraces(effects: unknown): CallTraces {
  if (effects === undefined) return NO_TRACES;
  const found = typeof effects === 'object' && effects !== null && 'kept' in effects ? effects : undefined;
  if (!(found?.kept instanceof Map)) throw new TypeError('a guest worker sent state of an unknown form');
  const kept = new Map<string, Uint8Array | undefined>();
  for (const [key, value] of found.kept) {
    if (typeof key === 'string' && (value === undefined || value instanceof Uint8Array)) kept.set(key, value);
  }
  return { kept, absent: 'absent' in found ? parseAbsent(found.absent) : undefined };
}

function parseAbsent(absent: unknown): ErrorFacts | undefined {
  if (absent === undefined) return undefined;
  if (typeof absent === 'object' && absent !== null && 'code' in absent && 'message' in absent) {
    const { code, message } = absent;
    if (isAbsence(code) && typeof message === 'string') return { code, message };
  }
  throw new TypeError('a guest worker sent a missing device of an unknown form');
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
