/**
 * The history as lines of CSV (RFC 4180: CRLF, quotes around what has a comma, a quote or a line break, quotes doubled).
 * Names come from guests, and a spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or a line break for a
 * formula, some also with the wide forms of these signs: an apostrophe before it makes it a text. Numbers are ours and stay
 * numbers. Pure.
 */
import type { FieldPlace } from '../readings/field-minutes';
import type { MinutePoint } from '../readings/hour-minutes';

const LINE_END = '\r\n';
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const TO_BE_QUOTED = /[",\r\n]/;

export const CSV_HEAD = `time,node,plugin,sensor,field,unit,min,max,mean,count${LINE_END}`;

export function csvRow(place: FieldPlace, unit: string | undefined, point: MinutePoint): string {
  const { node, plugin, sensorId, field } = place;
  const time = new Date(point.timestamp).toISOString();
  const names = [node, plugin, sensorId, field, unit ?? ''].map(csvText);
  return `${[time, ...names, point.min, point.max, point.mean, point.count].join(',')}${LINE_END}`;
}

export function csvText(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return TO_BE_QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
