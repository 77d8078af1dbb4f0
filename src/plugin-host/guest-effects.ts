/**
 * What a guest's call left behind, as its process sends it, parsed for the host. Whoever controls that process controls
 * this: only what the guest was granted is taken, within the limits that its own thread keeps as well. What adds up over
 * many calls is for `state-files.ts`.
 */
import type { CallTraces, KeptChanges } from '../capabilities/guest-imports-data';
import { MAX_CHANGES, MAX_KEY_LENGTH, MAX_TOTAL_BYTES } from '../capabilities/state-limits';
import { ProtocolViolation } from '../guest-process/frames';
import type { LedWrite } from '../leds/led-buffer';
import type { CallEffects } from '../wasm/guest-imports';

const MAX_BYTE = 255;

/** What one call of a guest did besides returning. */
export interface GuestEffects extends CallTraces {
  /** Only of a call that succeeded. */
  readonly leds: readonly LedWrite[];
}

/** What a guest's process says of a call. */
export interface SentEffects {
  readonly leds: readonly LedWrite[];
  readonly kept: KeptChanges;
  /** Calls that its grants refused. */
  readonly refusedCalls: number;
}

/** Throws ProtocolViolation. */
export function parseEffects({ onSuccess, always }: CallEffects, grantedLeds: ReadonlySet<number>): SentEffects {
  return { leds: parseLedWrites(onSuccess, grantedLeds), ...parseTraces(always) };
}

function parseLedWrites(sent: unknown, granted: ReadonlySet<number>): readonly LedWrite[] {
  if (sent === undefined) return [];
  if (!Array.isArray(sent) || sent.length > granted.size) throw unexpected('LEDs');
  return sent.map((each: unknown) => {
    if (!isLedWrite(each) || !granted.has(each.index)) throw unexpected('an LED');
    return each;
  });
}

function parseTraces(sent: unknown): Pick<SentEffects, 'kept' | 'refusedCalls'> {
  if (sent === undefined) return { kept: new Map(), refusedCalls: 0 };
  if (typeof sent !== 'object' || sent === null || !('kept' in sent) || !('refusedCalls' in sent))
    throw unexpected('traces');
  const { kept, refusedCalls } = sent;
  if (typeof refusedCalls !== 'number' || !Number.isSafeInteger(refusedCalls) || refusedCalls < 0)
    throw unexpected('refused calls');
  return { kept: parseKept(kept), refusedCalls };
}

/** As many keys as there may be can be deleted, and as many others set. */
function parseKept(sent: unknown): ReadonlyMap<string, Uint8Array | undefined> {
  if (!Array.isArray(sent) || sent.length > MAX_CHANGES) throw unexpected('state');
  const kept = new Map<string, Uint8Array | undefined>();
  let bytes = 0;
  for (const entry of sent) {
    const [key, value]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof key !== 'string' || key.length === 0 || key.length > MAX_KEY_LENGTH) throw unexpected('a key');
    if (value !== undefined && !(value instanceof Uint8Array)) throw unexpected('a value');
    bytes += value?.length ?? 0;
    kept.set(key, value);
  }
  if (bytes > MAX_TOTAL_BYTES) throw unexpected('state');
  return kept;
}

function isLedWrite(value: unknown): value is LedWrite {
  return (
    typeof value === 'object' &&
    value !== null &&
    'index' in value &&
    typeof value.index === 'number' &&
    'r' in value &&
    isByte(value.r) &&
    'g' in value &&
    isByte(value.g) &&
    'b' in value &&
    isByte(value.b)
  );
}

function isByte(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_BYTE;
}

function unexpected(what: string): ProtocolViolation {
  return new ProtocolViolation(`it sent ${what} that it may not change`);
}
