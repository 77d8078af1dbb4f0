/** `buzzer-controller`: patterns run by the device thread, so a call returns at once. Lengths are bounded: nobody wants an endless beep. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-buzzer-controller';
import type { CapabilityContext } from './capability-context';
import { orDefault } from './host-failure';

const MAX_TONE_MS = 10_000;
const MAX_COUNT = 20;
const MAX_PATTERN_MS = 60_000;

export function buzzerController(context: CapabilityContext): typeof Wit {
  const beep = (count: number, durationMs: number, intervalMs: number) => {
    const patternMs = count * durationMs + Math.max(count - 1, 0) * intervalMs;
    if (count > MAX_COUNT || durationMs > MAX_TONE_MS || patternMs > MAX_PATTERN_MS) {
      context.warnOnce(
        `a beep pattern was dropped: at most ${MAX_COUNT} tones of ${MAX_TONE_MS} ms, ${MAX_PATTERN_MS} ms in all, may be asked for`,
      );
      return;
    }
    orDefault(context, undefined, () => context.devices.call('beep', count, durationMs, intervalMs));
  };
  return { buzz: (durationMs) => beep(1, durationMs, 0), beep };
}
