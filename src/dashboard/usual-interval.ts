/**
 * How often a sensor is read: the median time between the last few arrivals, so that neither a poll by hand nor one that
 * failed counts. A page takes a sensor for stale by it.
 */

/** At an interval that was changed, five readings later the new one holds. */
const INTERVALS = 9;

/** `arrivals`: ms since 1970, in the order they came. ms; undefined where there are not two. A clock that was set back counts as none. */
export function usualIntervalMs(arrivals: readonly number[]): number | undefined {
  const intervals: number[] = [];
  const last = arrivals.slice(-INTERVALS - 1);
  for (const [at, arrival] of last.entries()) {
    const before = last[at - 1];
    if (before !== undefined && arrival > before) intervals.push(arrival - before);
  }
  intervals.sort((a, b) => a - b);
  return intervals[Math.floor(intervals.length / 2)];
}
