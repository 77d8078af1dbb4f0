/**
 * The readings that all parts share: the newest one of every sensor of every node and a short history of each. What
 * arrives last is the newest, whatever its timestamp says: a sensor whose clock was set back must not stay frozen at
 * its old value. Everything is bounded, so a guest that invents a new sensor at every poll only pushes out its own
 * plugin's oldest ones. Listeners hear of a batch after it is stored; one that throws does not stop the others.
 */
import type { Reading } from './reading';

/** Twenty minutes at one poll every 5 s. */
export const HISTORY_READINGS = 240;
/** Of one plugin on one node; a bus of 1-wire sensors fits. */
export const MAX_SENSORS_PER_PLUGIN = 64;

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

export class ReadingsStore {
  /** By node and plugin, then by sensor; the sensor heard of longest ago comes first. Readings oldest first. */
  readonly #plugins = new Map<string, Map<string, Reading[]>>();
  readonly #listeners = new Set<ReadingsListener>();

  constructor(readonly onListenerError: (error: unknown) => void) {}

  add(readings: readonly Reading[]): void {
    if (readings.length === 0) return;
    for (const reading of readings) this.#keep(reading);
    for (const listener of [...this.#listeners]) {
      try {
        listener(readings);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }

  /** Newest reading of every sensor, in the order of node, plugin and sensor, so that a table does not jump. */
  latest(): readonly Reading[] {
    return this.#histories()
      .flatMap((history) => history.slice(-1))
      .sort(byPlace);
  }

  /**
   * `sensor` is a sensor's id, which several plugins or nodes may use, or `<node>/<plugin>/<sensor>` for exactly one.
   * Sensors without a number called `field` are left out; so are single readings without it.
   */
  history(sensor: string, field: string): readonly HistorySeries[] {
    return this.#histories()
      .flatMap((readings) => series(readings, sensor, field))
      .sort(byPlace);
  }

  /** Returns how to stop listening. */
  subscribe(listener: ReadingsListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #keep(reading: Reading): void {
    const place = JSON.stringify([reading.node, reading.plugin]);
    const sensors = this.#plugins.get(place) ?? new Map<string, Reading[]>();
    this.#plugins.set(place, sensors);
    const readings = sensors.get(reading.sensorId) ?? [];
    readings.push(reading);
    if (readings.length > HISTORY_READINGS) readings.shift();
    sensors.delete(reading.sensorId);
    sensors.set(reading.sensorId, readings);
    if (sensors.size > MAX_SENSORS_PER_PLUGIN) {
      for (const oldest of sensors.keys()) {
        sensors.delete(oldest);
        break;
      }
    }
  }

  #histories(): Reading[][] {
    return [...this.#plugins.values()].flatMap((sensors) => [...sensors.values()]);
  }
}

function series(readings: readonly Reading[], sensor: string, field: string): HistorySeries[] {
  const newest = readings[readings.length - 1];
  if (!newest) return [];
  const { node, plugin, sensorId } = newest;
  if (sensor !== sensorId && sensor !== `${node}/${plugin}/${sensorId}`) return [];
  const points: HistoryPoint[] = [];
  for (const { timestamp, values } of readings) {
    const value = Object.hasOwn(values, field) ? values[field] : undefined;
    if (typeof value === 'number') points.push({ timestamp, value });
  }
  if (points.length === 0) return [];
  const unit = Object.hasOwn(newest.units, field) ? newest.units[field] : undefined;
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
