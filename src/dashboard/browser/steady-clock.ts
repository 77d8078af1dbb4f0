/**
 * Milliseconds that only grow, for durations. `performance.now()` stands still in some browsers while the computer sleeps, and
 * `Date.now()` jumps when the clock is set: whichever moved further since the last call counts, so that an hour of sleep is
 * an hour, and a clock that is set back is no time at all.
 */
let total = 0;
let lastSteady = performance.now();
let lastWall = Date.now();

export function steadyNow(): number {
  const steady = performance.now();
  const wall = Date.now();
  total += Math.max(0, steady - lastSteady, wall - lastWall);
  lastSteady = steady;
  lastWall = wall;
  return total;
}
