/**
 * The readings that all parts share: the newest one of every sensor of every node and a short history of each. What
 * arrives last is the newest, whatever its timestamp says: a sensor whose clock was set back must not stay frozen at
 * its old value. Everything is bounded, so a guest that invents a new sensor at every poll only pushes out its own
 * plugin's oldest ones: of a plugin there is never more than one poll of it may bring. What is dropped is counted and told.
 * Listeners hear of a batch after it is stored; one that throws does not stop the others.
 */
import { EventEmitter } from '../platform/event-emitter';
import {
  type DropListener,
  DroppedSensors,
  type DropTotals,
  MAX_SENSORS_PER_PLUGIN,
  UNSEEN_MS,
} from './dropped-sensors';
import { isOfSensor } from './field-place';
import type { Reading } from './reading';
import { MAX_CHARACTERS, MAX_VALUES, sizeOf } from './reading-size';

/** Of one sensor: twenty minutes at one poll every 5 s. */
export const HISTORY_READINGS = 240;
/** Of all sensors of one plugin together, some 2 MB. Ninety sensors of three fields keep their 240 readings. */
const HISTORY_NUMBERS_PER_PLUGIN = 65_536;
/** Names of fields may be new with each reading. */
const HISTORY_CHARACTERS_PER_PLUGIN = 2 * 2 ** 20;

export interface HistoryPoint {
  /** ms since 1970. */
  readonly timestamp: number;
  readonly value: number;
}

/** One number of one sensor over time, oldest first. */
export interface HistorySeries {
  readonly node: string;
  readonly plugin: string;
  readonly sensorId: string;
  readonly unit?: string;
  readonly points: readonly HistoryPoint[];
}

export type ReadingsListener = (readings: readonly Reading[]) => void;

interface Sensor {
  readonly newest: Reading;
  /** When it came, on the clock that nobody sets. */
  readonly heardAt: number;
  /** ms since 1970: since then no poll brought a value, although it should have. A new reading ends it. */
  readonly unknownSince?: number;
  /** Oldest first. */
  readonly history: NumbersAt[];
}

/** What is kept of an older reading: texts make no history. */
interface NumbersAt {
  readonly timestamp: number;
  /** When it came (`cameAt`). */
  readonly at: number;
  readonly numbers: Readonly<Record<string, number>>;
}

const NOBODY: DropListener = { monotonic: () => performance.now(), onDropped: () => undefined };

export class ReadingsStore {
  /** By node and plugin, then by sensor; the sensor heard of longest ago comes first. */
  readonly #plugins = new Map<string, PluginSensors>();
  readonly #events: EventEmitter<readonly Reading[]>;
  readonly #dropped: DroppedSensors;

  constructor(
    onListenerError: (error: unknown) => void,
    /** ms since 1970. */
    readonly cameAt: (reading: Reading) => number = Date.now,
    readonly listener: DropListener = NOBODY,
  ) {
    this.#events = new EventEmitter(onListenerError);
    this.#dropped = new DroppedSensors(listener);
  }

  add(readings: readonly Reading[]): void {
    if (readings.length === 0) return;
    for (const reading of readings) this.#keep(reading);
    this.#events.emit(readings);
  }

  /**
   * A poll of a plugin failed, or some of its devices did: the sensors that it did not read (all but `read`) have no known
   * value until they are read again. Returns the newest readings of those that had one until now.
   */
  markUnknown(node: string, plugin: string, read: readonly Reading[], now: number): readonly Reading[] {
    const ids = new Set(read.map(({ sensorId }) => sensorId));
    return this.#plugins.get(JSON.stringify([node, plugin]))?.markUnknown(ids, now) ?? [];
  }

  /**
   * A poll of a plugin brought all that it should have: sensors that none brought for an hour are no sensors of it any more,
   * and go with their short history. Returns their newest readings. After a poll that failed nothing is to be dropped, since
   * what could not be read is what somebody has to see.
   */
  dropUnseen(node: string, plugin: string): readonly Reading[] {
    const before = this.listener.monotonic() - UNSEEN_MS;
    const dropped = this.#plugins.get(JSON.stringify([node, plugin]))?.dropHeardUntil(before) ?? [];
    this.#dropped.add(node, plugin, idsOf(dropped), 'unseen');
    return dropped;
  }

  /** How many sensors were dropped, of each plugin that lost some. */
  dropped(): readonly DropTotals[] {
    return this.#dropped.totals();
  }

  /** A plugin is gone: what it read is not among the newest readings any more, nor in the short history. */
  forget(node: string, plugin: string): void {
    this.#plugins.delete(JSON.stringify([node, plugin]));
    this.#dropped.forget(node, plugin);
  }

  /** ms since 1970, of a sensor whose newest reading does not hold any more. */
  unknownSince({ node, plugin, sensorId }: Place): number | undefined {
    return this.#plugins.get(JSON.stringify([node, plugin]))?.get(sensorId)?.unknownSince;
  }

  /** Newest reading of every sensor, in the order of node, plugin and sensor, so that a table does not jump. */
  latest(): readonly Reading[] {
    return this.#sensors()
      .map((sensor) => sensor.newest)
      .sort(byPlace);
  }

  /**
   * `sensor` is a sensor's id, which several plugins or nodes may use, or `<node>/<plugin>/<sensor>` for exactly one.
   * Sensors without a number called `field` are left out; so are single readings without it.
   */
  history(sensor: string, field: string): readonly HistorySeries[] {
    return this.#sensors()
      .flatMap((known) => series(known, sensor, field))
      .sort(byPlace);
  }

  /** `[ms since 1970 when it came, value]` of one number of exactly one sensor, in the order they came. */
  arrivals({ node, plugin, sensorId }: Place, field: string): readonly (readonly [number, number])[] {
    const sensor = this.#plugins.get(JSON.stringify([node, plugin]))?.get(sensorId);
    const arrivals: [number, number][] = [];
    for (const { at, numbers } of sensor?.history ?? []) {
      const value = Object.hasOwn(numbers, field) ? numbers[field] : undefined;
      if (value !== undefined && Number.isFinite(value)) arrivals.push([at, value]);
    }
    return arrivals;
  }

  /** ms since 1970 when each reading of exactly one sensor came, in the order they came. */
  arrivalTimes({ node, plugin, sensorId }: Place): readonly number[] {
    const sensor = this.#plugins.get(JSON.stringify([node, plugin]))?.get(sensorId);
    return sensor?.history.map(({ at }) => at) ?? [];
  }

  /** Returns how to stop listening. */
  subscribe(listener: ReadingsListener): () => void {
    return this.#events.subscribe(listener);
  }

  #keep(reading: Reading): void {
    const { node, plugin } = reading;
    const place = JSON.stringify([node, plugin]);
    const sensors = this.#plugins.get(place) ?? new PluginSensors();
    this.#plugins.set(place, sensors);
    const dropped = sensors.keep(reading, this.cameAt(reading), this.listener.monotonic());
    this.#dropped.add(node, plugin, idsOf(dropped), 'full');
  }

  #sensors(): Sensor[] {
    return [...this.#plugins.values()].flatMap((sensors) => sensors.all());
  }
}

/** Of one plugin of one node. */
class PluginSensors {
  /** The sensor heard of longest ago comes first. */
  readonly #sensors = new Map<string, Sensor>();
  #values = 0;
  #characters = 0;

  get(sensorId: string): Sensor | undefined {
    return this.#sensors.get(sensorId);
  }

  all(): readonly Sensor[] {
    return [...this.#sensors.values()];
  }

  /** Returns what had to make room for it, the sensor heard of longest ago first. */
  keep(reading: Reading, at: number, heardAt: number): readonly Reading[] {
    const { sensorId } = reading;
    const history = this.#sensors.get(sensorId)?.history ?? [];
    // Deleted first: setting again would leave it in its old place, and the first ones are pushed out.
    this.#delete(sensorId);
    this.#sensors.set(sensorId, { newest: reading, heardAt, history });
    const { values, characters } = sizeOf(reading);
    this.#values += values;
    this.#characters += characters;
    const dropped = this.#makeRoom();
    const numbers = numbersOf(reading);
    history.push({ timestamp: reading.timestamp, at, numbers });
    const most = this.#historyShare(numbers);
    while (history.length > most) history.shift();
    return dropped;
  }

  markUnknown(read: ReadonlySet<string>, now: number): readonly Reading[] {
    const lost = [...this.#sensors].filter(([id, { unknownSince }]) => unknownSince === undefined && !read.has(id));
    for (const [id, sensor] of lost) this.#sensors.set(id, { ...sensor, unknownSince: now });
    return lost.map(([, { newest }]) => newest);
  }

  dropHeardUntil(before: number): readonly Reading[] {
    const dropped: Reading[] = [];
    for (const [id, { newest, heardAt }] of this.#sensors) {
      if (heardAt > before) break;
      dropped.push(newest);
      this.#delete(id);
    }
    return dropped;
  }

  /** The newest one stays, whatever it weighs. */
  #makeRoom(): readonly Reading[] {
    const dropped: Reading[] = [];
    for (const [id, { newest }] of this.#sensors) {
      const fits =
        this.#sensors.size <= MAX_SENSORS_PER_PLUGIN &&
        this.#values <= MAX_VALUES &&
        this.#characters <= MAX_CHARACTERS;
      if (fits || this.#sensors.size === 1) break;
      dropped.push(newest);
      this.#delete(id);
    }
    return dropped;
  }

  #delete(sensorId: string): void {
    const known = this.#sensors.get(sensorId);
    if (known === undefined) return;
    this.#sensors.delete(sensorId);
    const { values, characters } = sizeOf(known.newest);
    this.#values -= values;
    this.#characters -= characters;
  }

  /** Readings of one sensor, as if all had as many numbers with names as long. */
  #historyShare(numbers: Readonly<Record<string, number>>): number {
    const fields = Object.keys(numbers);
    const characters = fields.reduce((sum, { length }) => sum + length, 0);
    const byNumbers = HISTORY_NUMBERS_PER_PLUGIN / (this.#sensors.size * Math.max(1, fields.length));
    const byCharacters = HISTORY_CHARACTERS_PER_PLUGIN / (this.#sensors.size * Math.max(1, characters));
    return Math.max(1, Math.min(HISTORY_READINGS, byNumbers, byCharacters));
  }
}

/**
 * By this node's clock: that of its own readings is when they come, whatever a guest says. What another node read may be
 * handed over hours later, many at once, and came when it was read.
 */
export function cameAt({ node, timestamp }: Reading, own: string, now: number): number {
  return node === own ? now : Math.min(now, timestamp);
}

function idsOf(readings: readonly Reading[]): readonly string[] {
  return readings.map(({ sensorId }) => sensorId);
}

function numbersOf(reading: Reading): Record<string, number> {
  const numbers: [string, number][] = [];
  for (const [field, value] of Object.entries(reading.values)) {
    if (typeof value === 'number') numbers.push([field, value]);
  }
  return Object.fromEntries(numbers);
}

function series({ newest, history }: Sensor, sensor: string, field: string): HistorySeries[] {
  const { node, plugin, sensorId, units } = newest;
  if (!isOfSensor(newest, sensor)) return [];
  const points: HistoryPoint[] = [];
  for (const { timestamp, numbers } of history) {
    const value = Object.hasOwn(numbers, field) ? numbers[field] : undefined;
    if (value !== undefined) points.push({ timestamp, value });
  }
  if (points.length === 0) return [];
  const unit = Object.hasOwn(units, field) ? units[field] : undefined;
  return [{ node, plugin, sensorId, ...(unit === undefined ? {} : { unit }), points }];
}

interface Place {
  readonly node: string;
  readonly plugin: string;
  readonly sensorId: string;
}

function byPlace(a: Place, b: Place): number {
  return compare(a.node, b.node) || compare(a.plugin, b.plugin) || compare(a.sensorId, b.sensorId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
