/**
 * What a guest's poll returned, as readings. The host takes what the record holds: numbers, texts and booleans under
 * their camelCase field names, whichever version of whichever package the guest was built against. Throws PLUGIN_ERROR
 * for what is no reading. Texts and names come out without control characters and marks that reorder text, as they go
 * into topics, tables and terminals. Numbers that JavaScript cannot hold exactly (u64 above 2^53) are rounded; NaN and infinities
 * are kept out, since neither JSON nor Modbus nor a chart has them.
 */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { replaceUnsafe } from '../platform/safe-text';
import type { Reading } from '../readings/reading';
import { MAX_CHARACTERS, MAX_VALUES } from '../readings/reading-size';

export interface ReadingOrigin {
  readonly node: string;
  readonly plugin: string;
  /** ms since 1970, for records without a timestamp. */
  readonly now: number;
}

/** More sensors than one plugin has; a longer list is a mistake or an attack. */
const MAX_READINGS = 256;
const MAX_FIELDS = 64;
const MAX_TEXT_LENGTH = 256;
/** ECMA-262, time values: 100 million days around 1970. */
const MAX_DATE_MS = 8.64e15;

/** By the field names of the package's records; a metric names its unit itself. */
const UNITS: Readonly<Record<string, string>> = {
  temperature: '°C',
  humidity: '%',
  pressure: 'hPa',
  gasResistance: 'kΩ',
  cpuTemp: '°C',
  cpuUsage: '%',
  memoryUsedMb: 'MiB',
  memoryTotalMb: 'MiB',
  uptimeSeconds: 's',
};

const NOT_VALUES: ReadonlySet<string> = new Set(['sensorId', 'timestampMs', 'metrics']);

export function toReadings(value: unknown, origin: ReadingOrigin): readonly Reading[] {
  const records = Array.isArray(value) ? value : [value];
  if (records.length > MAX_READINGS)
    throw unusable(origin, `${records.length} readings at once; at most ${MAX_READINGS} ${FIXED}`);
  const listed = records.map((record) => listedOf(record, origin));
  const count = listed.reduce((sum, { items }) => sum + items.length, 0);
  if (count > MAX_VALUES) throw unusable(origin, `${count} values at once; at most ${MAX_VALUES} ${FIXED}`);
  const cleaner = new Cleaner(origin);
  return Object.freeze(listed.map((each) => toReading(each, origin, cleaner)));
}

/**
 * Names, units and texts of one poll, made harmless, and counted as they come: cleaning takes the time that its length says,
 * and so does everything that is done with them later.
 */
class Cleaner {
  #characters = 0;

  constructor(readonly origin: ReadingOrigin) {}

  clean(text: string): string {
    const cut = text.slice(0, MAX_TEXT_LENGTH);
    this.#characters += cut.length;
    if (this.#characters > MAX_CHARACTERS)
      throw unusable(this.origin, `names, units and texts of more than ${MAX_CHARACTERS} characters at once ${FIXED}`);
    return replaceUnsafe(cut, () => '').trim();
  }
}

/** A record with what its values are in, counted before any of them is looked at. */
type Listed = { readonly record: Readonly<Record<string, unknown>> } & (
  | { readonly kind: 'metrics'; readonly items: readonly unknown[] }
  | { readonly kind: 'fields'; readonly items: readonly string[] }
);

function listedOf(record: unknown, origin: ReadingOrigin): Listed {
  // A list of numbers is looked at no further: to name 65 000 of them as its fields took 15 ms.
  if (!isRecord(record) || ArrayBuffer.isView(record)) throw unusable(origin, 'something that is not a record');
  const metrics = Array.isArray(record) ? undefined : record['metrics'];
  if (Array.isArray(record)) assertFew(record, origin);
  if (Array.isArray(metrics)) return { record, kind: 'metrics', items: assertFew(metrics, origin) };
  const names = Object.keys(record).filter((name) => !NOT_VALUES.has(name));
  return { record, kind: 'fields', items: assertFew(names, origin) };
}

function assertFew<T>(items: readonly T[], origin: ReadingOrigin): readonly T[] {
  if (items.length <= MAX_FIELDS) return items;
  throw unusable(origin, `${items.length} values in one reading; at most ${MAX_FIELDS} ${FIXED}`);
}

function toReading(listed: Listed, origin: ReadingOrigin, cleaner: Cleaner): Reading {
  const { record } = listed;
  const values = emptyRecord<number | string>();
  const units = emptyRecord<string>();
  for (const { name, value, unit } of fieldsOf(listed, origin, cleaner)) {
    const plain = plainValue(value, cleaner);
    if (plain === undefined) continue;
    values[name] = plain;
    if (unit !== undefined && unit !== '') units[name] = unit;
  }
  return Object.freeze({
    node: origin.node,
    plugin: origin.plugin,
    sensorId: sensorId(record, origin, cleaner),
    timestamp: timestamp(record, origin),
    values: Object.freeze(values),
    units: Object.freeze(units),
  });
}

interface Field {
  readonly name: string;
  readonly value: unknown;
  readonly unit: string | undefined;
}

function fieldsOf(listed: Listed, origin: ReadingOrigin, cleaner: Cleaner): Field[] {
  if (listed.kind === 'metrics') return listed.items.map((metric) => metricField(metric, origin, cleaner));
  return listed.items.map((name) => ({
    name: cleaner.clean(name),
    value: listed.record[name],
    unit: Object.hasOwn(UNITS, name) ? cleaner.clean(UNITS[name] ?? '') : undefined,
  }));
}

function metricField(metric: unknown, origin: ReadingOrigin, cleaner: Cleaner): Field {
  if (!isRecord(metric) || typeof metric['name'] !== 'string') throw unusable(origin, 'a metric without a name');
  const unit = typeof metric['unit'] === 'string' ? cleaner.clean(metric['unit']) : undefined;
  return { name: camelCase(cleaner.clean(metric['name'])), value: metric['value'], unit };
}

function plainValue(value: unknown, cleaner: Cleaner): number | string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? shortest(value) : undefined;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return cleaner.clean(value);
    default:
      return undefined;
  }
}

/** Digits that tell any two f32 apart (IEEE 754: 9), and those that are always exact (6). */
const F32_DIGITS = [6, 7, 8, 9] as const;

/** An f32 such as 46.2 arrives as 46.20000076293945: people get the shortest number that is the same f32. */
function shortest(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  for (const digits of F32_DIGITS) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

function sensorId(record: Readonly<Record<string, unknown>>, origin: ReadingOrigin, cleaner: Cleaner): string {
  const given = record['sensorId'];
  const id = typeof given === 'string' ? cleaner.clean(given) : '';
  return id === '' ? cleaner.clean(origin.plugin) : id;
}

/** The guest's own time where it gives one that a Date can hold. */
function timestamp(record: Readonly<Record<string, unknown>>, origin: ReadingOrigin): number {
  const field = record['timestampMs'];
  // Of anything else not even the number is asked for: a record may have a field called `valueOf`.
  const given = typeof field === 'number' || typeof field === 'bigint' ? Number(field) : 0;
  return Number.isInteger(given) && given > 0 && given <= MAX_DATE_MS ? given : origin.now;
}

/** `gas-resistance` and `gas_resistance` are `gasResistance`, as for the fields of a record. */
function camelCase(name: string): string {
  return name.replace(/(?<=[a-zA-Z0-9])[-_]+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Without a prototype, a field called `__proto__` is a field. */
function emptyRecord<T>(): Record<string, T> {
  return Object.create(null);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function unusable(origin: ReadingOrigin, what: string): WasiError {
  return new WasiError('PLUGIN_ERROR', `${origin.plugin} returned ${what}`);
}
