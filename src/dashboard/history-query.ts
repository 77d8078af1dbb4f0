/**
 * What is asked of the history: `?sensor=…&field=…&hours=…`. The values are `unknown`, since a query string may repeat a name
 * or leave it out. Errors are sentences for the 400 that they are answered with.
 */
import { KEPT_HOURS } from '../readings/hours';

export interface Query {
  readonly sensor?: unknown;
  readonly field?: unknown;
  readonly hours?: unknown;
}

export type Asked<T> = { readonly kind: 'asked'; readonly for: T } | { readonly kind: 'wrong'; readonly error: string };

export interface OneSeries {
  readonly sensor: string;
  readonly field: string;
}

export interface Minutes {
  readonly sensor?: string;
  readonly field?: string;
  /** 1–24. */
  readonly hours: number;
}

const HOURS = /^(?:[1-9]|1\d|2[0-4])$/;

/** Both are needed. */
export function askedSeries({ sensor, field }: Query): Asked<OneSeries> {
  if (isName(sensor) && isName(field)) return { kind: 'asked', for: { sensor, field } };
  return wrong('Name one sensor and one field: ?sensor=<id or node/plugin/id>&field=<name>; /api/readings lists them.');
}

/** Neither is needed; without `hours` all of them. */
export function askedMinutes({ sensor, field, hours = String(KEPT_HOURS) }: Query): Asked<Minutes> {
  if (!(sensor === undefined || isName(sensor)) || !(field === undefined || isName(field)))
    return wrong('Name at most one sensor and one field, each with a value; /api/readings lists them.');
  if (typeof hours !== 'string' || !HOURS.test(hours))
    return wrong(`hours is how far to go back, a whole number from 1 to ${KEPT_HOURS}: &hours=3.`);
  return {
    kind: 'asked',
    for: {
      ...(sensor === undefined ? {} : { sensor }),
      ...(field === undefined ? {} : { field }),
      hours: Number(hours),
    },
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function wrong(error: string): { readonly kind: 'wrong'; readonly error: string } {
  return { kind: 'wrong', error };
}
