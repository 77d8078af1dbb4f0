/** The time of day of one node, which a test sets; what durations are measured by goes on as ever. */
import { type Clock, systemClock } from '../../src/platform/clock';

export class SteppedClock implements Clock {
  aheadMs = 0;
  readonly monotonic = systemClock.monotonic;
  readonly wait = systemClock.wait;

  now(): number {
    return systemClock.now() + this.aheadMs;
  }
}
