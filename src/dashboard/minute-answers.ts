/**
 * The history by the minute as JSON, for a chart, and as CSV, for a spreadsheet. Both are sent in chunks of a few hundred
 * minutes: a day of many sensors is some megabytes. Pure but for the history, which may go on while it is sent; a field that
 * is pushed out meanwhile is sent to its end.
 */
import type { FieldMinutes } from '../readings/field-minutes';
import type { MinutePoint } from '../readings/hour-minutes';
import { MINUTES_PER_HOUR, minuteOf } from '../readings/hours';
import type { MinuteHistory } from '../readings/minute-history';
import { CSV_HEAD, csvRow } from './csv';
import { askedMinutes, askedSeries, type Minutes, type Query } from './history-query';
import { type DataAnswer, type HttpAnswer, jsonAnswer, streamedAnswer } from './http-answer';

export type History = Pick<MinuteHistory, 'fields' | 'revision'>;

const MINUTES_PER_CHUNK = 240;

/** `{sensor, field, hours, series: [{node, plugin, sensorId, unit, points: [{timestamp, min, max, mean, count}]}]}`. */
export function minutesAnswer(query: Query, history: History, now: number): DataAnswer {
  const one = askedSeries(query);
  if (one.kind === 'wrong') return jsonAnswer(400, { error: one.error });
  const asked = askedMinutes(query);
  if (asked.kind === 'wrong') return jsonAnswer(400, { error: asked.error });
  const fields = history.fields(asked.for);
  if (fields.length === 0) return nothing(asked.for);
  const head = { ...one.for, hours: asked.for.hours };
  return streamedAnswer('application/json; charset=utf-8', history.revision, seriesText(head, fields, now));
}

/** `time,node,plugin,sensor,field,unit,min,max,mean,count`, the time in UTC, by sensor and field and then oldest first. */
export function csvAnswer(query: Query, history: History, now: number): DataAnswer {
  const asked = askedMinutes(query);
  if (asked.kind === 'wrong') return jsonAnswer(400, { error: asked.error });
  const fields = history.fields(asked.for);
  if (fields.length === 0 && (query.sensor ?? query.field) !== undefined) return nothing(asked.for);
  const answer = streamedAnswer(
    'text/csv; charset=utf-8; header=present',
    history.revision,
    csvText(fields, asked.for.hours, now),
  );
  return {
    ...answer,
    headers: { ...answer.headers, 'Content-Disposition': 'attachment; filename="wasi-history.csv"' },
  };
}

function nothing({ sensor, field }: Minutes): HttpAnswer {
  const names = [sensor && `sensor "${sensor}"`, field && `field "${field}"`].filter(Boolean).join(' and ');
  return jsonAnswer(404, { error: `There is no history of ${names}; /api/readings lists what there is.` });
}

function* seriesText(head: Minutes, fields: readonly FieldMinutes[], now: number): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"series":[`;
  let between = '';
  for (const field of fields) {
    const { field: _, ...place } = field.place;
    const series = { ...place, ...(field.unit === undefined ? {} : { unit: field.unit }) };
    yield `${between}${JSON.stringify(series).slice(0, -1)},"points":[`;
    between = ',';
    let first = true;
    for (const points of inChunks(pointsOf(field, head.hours, now))) {
      yield `${first ? '' : ','}${points.map((point) => JSON.stringify(point)).join(',')}`;
      first = false;
    }
    yield ']}';
  }
  yield ']}';
}

function* csvText(fields: readonly FieldMinutes[], hours: number, now: number): Generator<string> {
  yield CSV_HEAD;
  for (const field of fields) {
    for (const points of inChunks(pointsOf(field, hours, now)))
      yield points.map((point) => csvRow(field.place, field.unit, point)).join('');
  }
}

/** The minute that goes on is the last one. */
function pointsOf(field: FieldMinutes, hours: number, now: number): Iterable<MinutePoint> {
  const minute = minuteOf(now);
  return field.points(minute - hours * MINUTES_PER_HOUR + 1, minute);
}

function* inChunks(points: Iterable<MinutePoint>): Generator<readonly MinutePoint[]> {
  let chunk: MinutePoint[] = [];
  for (const point of points) {
    chunk.push(point);
    if (chunk.length < MINUTES_PER_CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
