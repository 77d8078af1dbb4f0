/** The history as lines of CSV. Numbers are ours and stay numbers. Pure. */
import { CSV_LINE_END, csvField } from '../platform/csv-field';
import type { FieldPlace } from '../readings/field-place';
import type { MinutePoint } from '../readings/hour-minutes';

export const CSV_HEAD = `time,node,plugin,sensor,field,unit,min,max,mean,count${CSV_LINE_END}`;

export function csvRow(place: FieldPlace, unit: string | undefined, point: MinutePoint): string {
  const { node, plugin, sensorId, field } = place;
  const time = new Date(point.timestamp).toISOString();
  const names = [node, plugin, sensorId, field, unit ?? ''].map(csvField);
  return `${[time, ...names, point.min, point.max, point.mean, point.count].join(',')}${CSV_LINE_END}`;
}
