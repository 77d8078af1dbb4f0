/**
 * Hours and minutes of the host's clock, counted from 1970 in UTC, and which hours are kept. The clock may be wrong: a
 * Raspberry Pi has none of its own and starts in 1970 or where it was switched off, until it hears the time. Hours that
 * lie ahead are therefore kept (they may be right, and the clock not), but only within the bound, which the smallest of
 * them make room for.
 */
export const MINUTE_MS = 60_000;
export const MINUTES_PER_HOUR = 60;
export const HOUR_MS = MINUTES_PER_HOUR * MINUTE_MS;
/** How far back the history by the minute reaches. */
export const KEPT_HOURS = 24;
/** So many hours of the clock does a day that begins in the middle of one touch. */
export const MAX_HOURS = KEPT_HOURS + 1;

/** `now`: ms since 1970. */
export function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS);
}

export function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS);
}

/** Of `hours`, in ascending order, those that are neither too old nor beyond the bound. */
export function keptHours(hours: Iterable<number>, now: number): readonly number[] {
  const current = hourOf(now);
  const recent = [...new Set(hours)].filter((hour) => hour >= current - KEPT_HOURS).sort((a, b) => a - b);
  // Up to the current one there can be no more than the bound: what is too much lies ahead.
  const excess = Math.max(0, recent.length - MAX_HOURS);
  const firstAhead = recent.findIndex((hour) => hour > current);
  return excess === 0 ? recent : recent.filter((_, at) => at < firstAhead || at >= firstAhead + excess);
}

/** `2026-11-24T15`. */
export function hourName(hour: number): string {
  return new Date(hour * HOUR_MS).toISOString().slice(0, -':00:00.000Z'.length);
}

const NAME = /^[+\d-]{1,13}T\d\d$/;

/** undefined for what is no name of an hour. */
export function hourOfName(name: string): number | undefined {
  if (!NAME.test(name)) return undefined;
  const hour = Date.parse(`${name}:00:00Z`) / HOUR_MS;
  return Number.isInteger(hour) && hourName(hour) === name ? hour : undefined;
}
