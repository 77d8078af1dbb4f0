/** How one number of one sensor went, short enough to be drawn beside its newest value. */
export interface Trend {
  /** `[ms since 1970, value]`, oldest first, at most `TREND_POINTS`. */
  readonly points: readonly (readonly [number, number])[];
  /** Lowest and highest value that is kept, since `since`. */
  readonly min: number;
  readonly max: number;
  /** ms since 1970. */
  readonly since: number;
}

/** More than a sparkline has pixels to show apart. */
export const TREND_POINTS = 60;
