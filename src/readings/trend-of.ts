/**
 * A trend made of what is kept of one number: three-minute means of the last three hours, or the single values while there
 * are less than twenty minutes of it. Pure, and cheap enough for every field at every render: what is behind the current
 * hour is remembered by it.
 */
import type { FieldMinutes } from './field-minutes';
import type { MinutePoint } from './hour-minutes';
import { HOUR_MS, MINUTE_MS, minuteOf } from './hours';
import { TREND_POINTS, type Trend } from './trend';

/** `[ms since 1970 when it came, value]`, in the order they came. */
export type Arrival = readonly [number, number];

const SPAN_MS = 3 * HOUR_MS;
const SLOT_MINUTES = SPAN_MS / MINUTE_MS / TREND_POINTS;
/** Slots of three minutes are too few to be drawn until then; as long as single values are kept at a poll every 5 s. */
const YOUNG_MS = 20 * MINUTE_MS;

/** undefined where there are not two points to draw a line between. */
export function trendOf(field: FieldMinutes | undefined, arrivals: readonly Arrival[], now: number): Trend | undefined {
  const minutes = field ? [...field.points(firstMinute(now), minuteOf(now))] : [];
  const [oldest] = minutes;
  const isYoung = oldest === undefined || oldest.timestamp > now - YOUNG_MS;
  const single = isYoung ? sinceClockWasSet(arrivals, now) : [];
  const points = isYoung ? thinned(single) : bySlot(minutes);
  const [first] = points;
  if (first === undefined || points.length < 2) return undefined;
  const kept = field?.range(now);
  const values = [...single.map(([, value]) => value), ...(kept ? [kept.min, kept.max] : [])];
  return {
    points,
    min: Math.min(...values),
    max: Math.max(...values),
    since: Math.min(kept?.since ?? first[0], first[0]),
  };
}

/** Slots begin at the same minutes whenever it is asked: a line does not change where nothing happened. */
function firstMinute(now: number): number {
  return (Math.floor(minuteOf(now) / SLOT_MINUTES) - TREND_POINTS + 1) * SLOT_MINUTES;
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

function bySlot(minutes: readonly MinutePoint[]): Trend['points'] {
  const slots = new Map<number, MinutePoint[]>();
  for (const minute of minutes) {
    const slot = Math.floor(minuteOf(minute.timestamp) / SLOT_MINUTES);
    slots.set(slot, [...(slots.get(slot) ?? []), minute]);
  }
  return [...slots.values()].map((slot) => {
    const at = slot.at(-1)?.timestamp ?? 0;
    return [at, mean(slot.map((minute) => minute.mean))] as const;
  });
}

/** To 12 digits; shares instead of a sum, which could become infinite. */
function mean(values: readonly number[]): number {
  if (values.length === 1 && values[0] !== undefined) return values[0];
  return Number(values.reduce((sum, value) => sum + value / values.length, 0).toPrecision(12));
}
