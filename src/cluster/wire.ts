/**
 * What stands in etcd as values: JSON, made and taken apart here alone. What comes from another node is checked, since it
 * may be of another version, or somebody else's: `parse…` answers undefined for what is not of this form. A reading is
 * `{p: plugin, s: sensor, t: ms since 1970, v: values, u: units}`, without its node, which the key names.
 */
import { CLUSTER_ROLES, type ClusterRole } from '../host-config/host-config';
import type { Reading } from '../readings/reading';

/** Which readings of a node are in etcd: of each epoch all up to a sequence number, the newest epoch last. */
export type Positions = readonly (readonly [epoch: string, seq: number])[];

export interface ReadingsBatch {
  readonly epoch: string;
  /** Sequence number of the first; the others follow without a gap. */
  readonly first: number;
  /** By the sender's clock, ms since 1970, when it was handed to etcd. */
  readonly sentAt: number;
  readonly readings: readonly Reading[];
}

/** A reading and its place among those of its node. */
export interface PlacedReading {
  readonly epoch: string;
  readonly seq: number;
  readonly reading: Reading;
}

export interface Presence {
  readonly role: ClusterRole;
  /** Of this package. */
  readonly version: string;
  /** By the node's clock, ms since 1970, when it wrote this. */
  readonly clock: number;
  /** Random for each start: two that differ at once are two nodes with one name. */
  readonly instance: string;
}

/** Of a node's starts; older ones have nothing on the way any more. */
const MAX_POSITIONS = 8;
const MAX_FIELDS = 512;
const MAX_NAME_LENGTH = 256;

export function readingText({ plugin, sensorId, timestamp, values, units }: Reading): string {
  return JSON.stringify({ p: plugin, s: sensorId, t: timestamp, v: values, u: units });
}

export function batchText(epoch: string, first: number, sentAt: number, texts: readonly string[]): string {
  return `{"epoch":"${epoch}","first":${first},"sentAt":${sentAt},"readings":[${texts.join()}]}`;
}

/** Of a batch, without reading all of it. */
export function sentAtOf(batch: string): number | undefined {
  const [, sentAt] = /^\{"epoch":"[0-9a-f]*","first":\d+,"sentAt":(\d+)/.exec(batch) ?? [];
  return sentAt === undefined ? undefined : Number(sentAt);
}

export function parseReading(node: string, text: string): Reading | undefined {
  return readingOf(node, parsed(text));
}

/** Readings that are none are left out, and their places stay theirs. */
export function parseBatch(node: string, text: string): (ReadingsBatch & { readonly count: number }) | undefined {
  const { epoch, first, sentAt, readings } = fields(parsed(text));
  if (typeof epoch !== 'string' || !isCount(first) || !isNumber(sentAt) || !Array.isArray(readings)) return undefined;
  const good = readings.map((one) => readingOf(node, one)).filter((one): one is Reading => one !== undefined);
  return { epoch, first, sentAt, readings: good, count: readings.length };
}

export function latestText(latest: readonly { epoch: string; seq: number; text: string }[]): string {
  return `{"readings":[${latest.map(({ epoch, seq, text }) => `["${epoch}",${seq},${text}]`).join()}]}`;
}

/** In the order of their places. */
export function parseLatest(node: string, text: string): readonly PlacedReading[] | undefined {
  const { readings } = fields(parsed(text));
  if (!Array.isArray(readings)) return undefined;
  return readings.flatMap((entry: unknown): PlacedReading[] => {
    const [epoch, seq, value]: unknown[] = Array.isArray(entry) ? entry : [];
    const reading = readingOf(node, value);
    return typeof epoch === 'string' && isCount(seq) && reading ? [{ epoch, seq, reading }] : [];
  });
}

export function positionsText(positions: Positions): string {
  return JSON.stringify({ positions: positions.slice(-MAX_POSITIONS) });
}

export function parsePositions(text: string): Positions | undefined {
  const { positions } = fields(parsed(text));
  if (!Array.isArray(positions)) return undefined;
  return positions.flatMap((entry: unknown): [string, number][] => {
    const [epoch, seq]: unknown[] = Array.isArray(entry) ? entry : [];
    return typeof epoch === 'string' && isCount(seq) ? [[epoch, seq]] : [];
  });
}

/** With one more place taken. */
export function advanced(positions: Positions, epoch: string, seq: number): Positions {
  const others = positions.filter(([of]) => of !== epoch);
  return [...others, [epoch, seq] as const].slice(-MAX_POSITIONS);
}

export function presenceText(presence: Presence): string {
  return JSON.stringify(presence);
}

export function parsePresence(text: string): Presence | undefined {
  const { role, version, clock, instance } = fields(parsed(text));
  const known = CLUSTER_ROLES.find((one) => one === role);
  if (known === undefined || !isName(version) || !isNumber(clock) || !isName(instance)) return undefined;
  return { role: known, version, clock, instance };
}

function readingOf(node: string, value: unknown): Reading | undefined {
  const { p: plugin, s: sensorId, t: timestamp, v, u } = fields(value);
  if (!isName(plugin) || !isName(sensorId) || !isNumber(timestamp)) return undefined;
  const values = record(v, (one): one is number | string => isNumber(one) || typeof one === 'string');
  const units = record(u, (one): one is string => typeof one === 'string');
  return Object.freeze({ node, plugin, sensorId, timestamp, values, units });
}

/** Entries of another type are left out: JSON has no word for NaN, and says null. */
function record<T>(value: unknown, isOne: (entry: unknown) => entry is T): Readonly<Record<string, T>> {
  const entries = Object.entries(fields(value)).slice(0, MAX_FIELDS);
  return Object.freeze(Object.fromEntries(entries.filter((entry): entry is [string, T] => isOne(entry[1]))));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isSafeInteger(value) && value >= 1;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH;
}
