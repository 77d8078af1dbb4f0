/**
 * Two ways to draw a trend of what is kept of one number: three-minute means of the last three hours, and the single values
 * while there are less than twenty minutes of it. Pure.
 */
import type { FieldMinutes } from './field-minutes';
import { HOUR_MS, MINUTE_MS, minuteOf } from './hours';
import { TREND_POINTS, type Trend } from './trend';

/** `[ms since 1970 when it came, value]`, in the order they came. */
export type Arrival = readonly [number, number];

const SPAN_MS = 3 * HOUR_MS;
const SLOT_MINUTES = SPAN_MS / MINUTE_MS / TREND_POINTS;
/** Slots of three minutes are too few to be drawn until then; as long as single values are kept at a poll every 5 s. */
const YOUNG_MS = 20 * MINUTE_MS;

const MEAN_DIGITS = 9;

/** undefined where it does not reach back far enough for a line of two points and more. */
export function trendOfMinutes(field: FieldMinutes, now: number): Trend | undefined {
  const points = slotsOf(field, now);
  const [oldest] = points;
  const kept = field.range(now);
  if (!kept || oldest === undefined || points.length < 2 || oldest[0] > now - YOUNG_MS) return undefined;
  return { points, ...kept };
}

/** `field`: what is kept of it by the minute, if anything. undefined where there are not two values. */
export function trendOfArrivals(
  field: FieldMinutes | undefined,
  arrivals: readonly Arrival[],
  now: number,
): Trend | undefined {
  const single = sinceClockWasSet(arrivals, now);
  const [oldest] = single;
  if (oldest === undefined || single.length < 2) return undefined;
  const kept = field?.range(now);
  const values = [...single.map(([, value]) => value), ...(kept ? [kept.min, kept.max] : [])];
  const since = Math.min(oldest[0], kept?.since ?? oldest[0]);
  return { points: thinned(single), min: Math.min(...values), max: Math.max(...values), since };
}

/** Slots begin at the same minutes whenever it is asked: a line does not change where nothing happened. */
function slotsOf(field: FieldMinutes, now: number): Trend['points'] {
  const current = minuteOf(now);
  const last = Math.floor(current / SLOT_MINUTES);
  const points: Arrival[] = [];
  for (let slot = last - TREND_POINTS + 1; slot <= last; slot++) {
    const means: number[] = [];
    let at = 0;
    for (let minute = slot * SLOT_MINUTES; minute < (slot + 1) * SLOT_MINUTES && minute <= current; minute++) {
      const value = field.meanAt(minute);
      if (value === undefined) continue;
      means.push(value);
      at = minute * MINUTE_MS;
    }
    if (means.length > 0) points.push([at, mean(means)]);
  }
  return points;
}

/** The last ones that lie one behind the other and not ahead: what came before the clock was set back is of another time. */
function sinceClockWasSet(arrivals: readonly Arrival[], now: number): readonly Arrival[] {
  const recent: Arrival[] = [];
  let next = now;
  for (const arrival of [...arrivals].reverse()) {
    const [at] = arrival;
    if (at > next || at < now - YOUNG_MS) break;
    recent.push(arrival);
    next = at;
  }
  return recent.reverse();
}

function thinned(arrivals: readonly Arrival[]): Trend['points'] {
  const each = Math.ceil(arrivals.length / TREND_POINTS);
  const points: Arrival[] = [];
  for (let end = arrivals.length; end > 0; end -= each) {
    const group = arrivals.slice(Math.max(0, end - each), end);
    const at = group.at(-1)?.[0];
    if (at !== undefined) points.push([at, mean(group.map(([, value]) => value))]);
  }
  return points.reverse();
}

/** To 9 digits, as it is drawn; shares instead of a sum, which could become infinite. */
function mean(values: readonly number[]): number {
  const [first = 0] = values;
  if (values.every((value) => value === first)) return first;
  return Number(values.reduce((sum, value) => sum + value / values.length, 0).toPrecision(MEAN_DIGITS));
}
