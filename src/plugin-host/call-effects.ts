/** What a guest's call left behind, as its worker sends it, parsed back into types. The worker's own code makes it, so a surprise is a bug. */
import type { CallTraces, DeviceFailure } from '../capabilities/guest-imports-data';
import { MAX_DEVICE_FAILURES } from '../capabilities/watched-devices';
import { isErrorCode } from '../errors';
import type { LedWrite } from '../leds/led-buffer';

const NO_TRACES: CallTraces = { kept: new Map(), deviceFailures: [] };

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
  return { kept, deviceFailures: 'deviceFailures' in found ? parseFailures(found.deviceFailures) : [] };
}

function parseFailures(failures: unknown): readonly DeviceFailure[] {
  if (!Array.isArray(failures) || failures.length > MAX_DEVICE_FAILURES)
    throw new TypeError('a guest worker sent device failures of an unknown form');
  return failures.map(parseFailure);
}

function parseFailure(failure: unknown): DeviceFailure {
  if (typeof failure === 'object' && failure !== null && 'code' in failure && 'message' in failure) {
    const { code, message } = failure;
    const reads = 'reads' in failure && failure.reads === true;
    if (isErrorCode(code) && typeof message === 'string') return { code, message, reads };
  }
  throw new TypeError('a guest worker sent a device failure of an unknown form');
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
