/**
 * `buzzer-controller`: patterns run by the device thread, so a call returns at once. What is longer than allowed is
 * shortened, since half an alarm is better than none, and warned of once: nobody wants an endless beep.
 */

import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-buzzer-controller';
import { FIXED } from '../errors/format-limit';
import type { CapabilityContext } from './capability-context';
import { orDefault } from './host-failure';

const MAX_TONE_MS = 10_000;
const MAX_TONES = 20;
const MAX_PATTERN_MS = 60_000;

export function buzzerController(context: CapabilityContext): typeof Wit {
  const beep = (count: number, durationMs: number, intervalMs: number) => {
    const toneMs = Math.min(durationMs, MAX_TONE_MS);
    const tones = Math.min(count, MAX_TONES, tonesWithin(MAX_PATTERN_MS, toneMs, intervalMs));
    if (tones < count || toneMs < durationMs) {
      context.warnOnce(
        `a beep pattern was shortened: at most ${MAX_TONES} tones of ${MAX_TONE_MS} ms, ${MAX_PATTERN_MS} ms in all, may be asked for ${FIXED}`,
      );
    }
    orDefault(context, undefined, () => context.devices.call('beep', tones, toneMs, intervalMs));
  };
  return { buzz: (durationMs) => beep(1, durationMs, 0), beep };
}

/** Whether a pattern is one that the function above asks for. */
export function isShortPattern(tones: number, toneMs: number, intervalMs: number): boolean {
  return tones <= MAX_TONES && toneMs <= MAX_TONE_MS && tones <= tonesWithin(MAX_PATTERN_MS, toneMs, intervalMs);
}

/** The last tone has no interval after it. A tone of no length takes no time. */
function tonesWithin(limitMs: number, toneMs: number, intervalMs: number): number {
  const periodMs = toneMs + intervalMs;
  return periodMs === 0 ? MAX_TONES : Math.floor((limitMs + intervalMs) / periodMs);
}
