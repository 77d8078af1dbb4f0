/**
 * The text form of an hour of history, a JSON value a line: first `{"format": "edge-wasi history 1", "hour": "2026-11-24T15"}`,
 * then a line for each number of each sensor, `{"place": [node, plugin, sensor, field], "unit": "°C", "minutes": [[minute, min,
 * max, mean, count], …]}`, and last `{"fields": n}`, so that a file that was cut off is known for one. Pure.
 */
import type { FieldMinutes, FieldPlace } from './field-minutes';
import { hourName, MINUTE_MS, MINUTES_PER_HOUR } from './hours';

const FORMAT = 'edge-wasi history 1';
/** What is longer was not written here: names of 256 characters and sixty minutes with all their digits are 14 KB. */
export const MAX_LINE_LENGTH = 32_768;

const PLACE_PARTS = 4;
const MINUTE_PARTS = 5;

/** Minute of the hour, lowest, highest and mean value, count. */
export type MinuteEntry = readonly [number, number, number, number, number];

export type HistoryLine =
  | { readonly kind: 'head'; readonly hour: string }
  | {
      readonly kind: 'field';
      readonly place: FieldPlace;
      readonly unit: string | undefined;
      readonly minutes: readonly MinuteEntry[];
    }
  | { readonly kind: 'end'; readonly fields: number };

/** With its newline; fields without a value in that hour are left out. */
export function* historyLines(hour: number, fields: readonly FieldMinutes[]): Generator<string> {
  yield `${JSON.stringify({ format: FORMAT, hour: hourName(hour) })}\n`;
  let count = 0;
  for (const field of fields) {
    const minutes = [...(field.hour(hour)?.points() ?? [])].map(({ timestamp, min, max, mean, count: values }) => {
      return [Math.floor(timestamp / MINUTE_MS) % MINUTES_PER_HOUR, min, max, mean, values];
    });
    if (minutes.length === 0) continue;
    const { node, plugin, sensorId, field: name } = field.place;
    yield `${JSON.stringify({ place: [node, plugin, sensorId, name], unit: field.unit, minutes })}\n`;
    count += 1;
  }
  yield `${JSON.stringify({ fields: count })}\n`;
}

/** undefined for what was not written here. */
export function parseHistoryLine(text: string): HistoryLine | undefined {
  const value = parsed(text);
  if (value === undefined) return undefined;
  const { format, hour, fields } = value;
  if (format === FORMAT && typeof hour === 'string') return { kind: 'head', hour };
  if (isCount(fields)) return { kind: 'end', fields };
  return fieldOf(value);
}

function fieldOf({ place, unit, minutes }: Readonly<Record<string, unknown>>): HistoryLine | undefined {
  if (!isTexts(place) || place.length !== PLACE_PARTS) return undefined;
  if (!(unit === undefined || typeof unit === 'string')) return undefined;
  if (!Array.isArray(minutes) || minutes.length > MINUTES_PER_HOUR || !minutes.every(isMinute)) return undefined;
  const [node = '', plugin = '', sensorId = '', field = ''] = place;
  return { kind: 'field', place: { node, plugin, sensorId, field }, unit, minutes };
}

function isMinute(entry: unknown): entry is MinuteEntry {
  if (!Array.isArray(entry) || entry.length !== MINUTE_PARTS || !entry.every(Number.isFinite)) return false;
  const [within, min, max, mean, count] = entry;
  const isOfAnHour = Number.isInteger(within) && within >= 0 && within < MINUTES_PER_HOUR;
  return isOfAnHour && isCount(count) && count > 0 && min <= mean && mean <= max;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'string');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
