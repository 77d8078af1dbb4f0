/** The property `every` of plugin-poll: when the node polls by itself. */
import { decimalNumber } from '../../src/platform/decimal-number';
import { wrong } from '../node-properties';

export type Every =
  | { readonly kind: 'message' }
  /** As often as `[polling] interval_seconds` says. */
  | { readonly kind: 'host' }
  | { readonly kind: 'interval'; readonly intervalMs: number };

const MS_PER_SECOND = 1_000;
/** A timer of Node.js cannot wait longer (2³¹ − 1 ms); it would fire at once instead. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;
/** Faster than any plugin answers. */
const MIN_INTERVAL_MS = 1;

export function parseEvery(value: unknown): Every {
  if (value === undefined || value === null || value === '') return { kind: 'message' };
  if (value === 'host') return { kind: 'host' };
  const intervalMs = decimalNumber(value) * MS_PER_SECOND;
  if (intervalMs >= MIN_INTERVAL_MS && intervalMs <= MAX_INTERVAL_MS) return { kind: 'interval', intervalMs };
  throw wrong('every', value, 'empty, "host" or a number of seconds above 0');
}

export function intervalMs(every: Exclude<Every, { kind: 'message' }>, hostIntervalSeconds: number): number {
  return every.kind === 'host' ? hostIntervalSeconds * MS_PER_SECOND : every.intervalMs;
}
