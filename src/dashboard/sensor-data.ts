/**
 * What a dashboard plugin is given to render and a display plugin to show, as JSON text: `sensorData` for `edge:plugin`,
 * `demoSensorData` in the flat form of the original host for `demo:plugin`. Pure; the clock is passed in. Names of nodes, plugins and sensors
 * are data from elsewhere: they become own properties whatever they are called.
 *
 * The text is made for every render, so it is bounded: so many trends in all and of one plugin, so many log lines; and it is
 * made in pieces, as every plugin may have a thousand values. The form is documented for authors in plugins/dashboard/README.md.
 */
import type { LogLine } from '../readings/log-lines';
import type { Reading } from '../readings/reading';
import type { Trend } from '../readings/trend';
import type { PluginSummary } from '../runtime-api/runtime-api';
import type { NotKept, StorageView } from '../runtime-api/storage-api';
import { ageSeconds } from './api';

export interface SensorDataParts {
  readonly readings: readonly Reading[];
  /** `#rrggbb` an LED, as the strip shines. */
  readonly leds: readonly string[];
  readonly plugins: readonly PluginSummary[];
  /** ms since 1970. */
  readonly now: number;
  /** Where the page is rendered. */
  readonly host: SensorDataHost;
  /** Oldest first; the last hundred are passed on. */
  readonly logs: readonly LogLine[];
  /** How a number of a reading went; undefined where nothing is known of it. */
  readonly trend: (reading: Reading, field: string) => Trend | undefined;
  /** ms since 1970, of a sensor whose newest reading does not hold any more. */
  readonly unknownSince?: (reading: Reading) => number | undefined;
  /** The offsets of host.toml that are in the values of a plugin of this node. */
  readonly offsets?: (reading: Reading) => readonly SensorDataOffsets[];
  /** How often a sensor is read, ms; undefined where that is not known. */
  readonly interval?: (reading: Reading) => number | undefined;
  /** Only where there is a cluster. */
  readonly cluster?: SensorDataCluster;
  readonly storage?: StorageView;
}

export interface SensorDataHost {
  readonly node: string;
  readonly simulated: boolean;
  readonly model?: string;
}

/** Of one of the sensors that a plugin reads. */
export interface SensorDataOffsets {
  /** `DHT22 at GPIO4`. */
  readonly sensor: string;
  /** °C. */
  readonly temperature: number;
  /** % relative humidity. */
  readonly humidity: number;
}

export interface SensorDataCluster {
  readonly connected: boolean;
  readonly isLeader: boolean;
  readonly leader: string | null;
  readonly members: readonly {
    readonly node: string;
    readonly role: string;
    readonly healthy: boolean;
    /** ms since 1970. */
    readonly lastSeen: number | null;
    /** How far its clock is ahead of this node's, ms, where that is known. */
    readonly skewMs?: number;
  }[];
}

const LOG_LINES = 100;
/** One has a plugin's state for each of the others. */
const MAX_NOT_KEPT = 20;
/** Some 300 KB of text, and more than a page has room for. */
const MAX_TRENDS = 400;
/** A plugin that invents sensors takes none of the others' away. */
const MAX_TRENDS_PER_PLUGIN = 100;
/** A drawing of few pixels shows no more. */
const TREND_DIGITS = 5;
/** When a reading is stale: the rule of the page (plugins/dashboard/freshness.py). */
const STALE_AFTER_MS = 60_000;
const STALE_INTERVALS = 3;
const MS_PER_SECOND = 1_000;
const MS_PER_HOUR = 3_600_000;
/** Minutes after a start are told as tenths of an hour, and never as none. */
const SHORTEST_HOURS = 0.1;

/**
 * `{now, host, nodes: {<node>: {<plugin>: {<sensor>: {values, units, timestamp, ageSeconds, everySeconds, unknownSince, offsets, trends}}}}, leds, plugins, logs, cluster, storage}`,
 * in pieces of some sensors each.
 */
export function* sensorData(parts: SensorDataParts): Generator<string> {
  const { now, host, readings, leds, plugins, logs, cluster, storage } = parts;
  const trends = new Trends(parts);
  yield `{"now":${JSON.stringify(now)},"host":${JSON.stringify(host)},"nodes":`;
  yield* objectText(
    byKey(readings, ({ node }) => node),
    (ofNode) =>
      objectText(
        byKey(ofNode, ({ plugin }) => plugin),
        (ofPlugin) => trends.sensors(ofPlugin),
      ),
  );
  const rest = { leds, plugins, logs: logs.slice(-LOG_LINES), ...(cluster && { cluster }), ...storageAsShown(storage) };
  yield `,${JSON.stringify(rest).slice(1)}`;
}

/** Only what a person has to know of: `{status, freeBytes, notKept: [{what, plugin, since, reason, message}]}`. */
function storageAsShown(view: StorageView | undefined): {
  readonly storage?: { readonly status: string; readonly freeBytes?: number; readonly notKept: readonly NotKept[] };
} {
  if (view === undefined || view.status === 'ok') return {};
  const { status, freeBytes, notKept } = view;
  return {
    storage: { status, ...(freeBytes === undefined ? {} : { freeBytes }), notKept: notKept.slice(0, MAX_NOT_KEPT) },
  };
}

function* objectText<T>(entries: ReadonlyMap<string, T>, valueText: (value: T) => Iterable<string>): Generator<string> {
  let before = '{';
  for (const [key, value] of entries) {
    yield `${before}${JSON.stringify(key)}:`;
    yield* valueText(value);
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}

/** The sensors of one plugin after the other, while there is room for trends. */
class Trends {
  #left = MAX_TRENDS;

  constructor(
    readonly parts: Pick<SensorDataParts, 'now' | 'host' | 'trend' | 'interval' | 'unknownSince' | 'offsets'>,
  ) {}

  *sensors(ofPlugin: readonly Reading[]): Generator<string> {
    let room = Math.min(this.#left, MAX_TRENDS_PER_PLUGIN);
    const sensor = (reading: Reading): Iterable<string> => {
      const { values, units, timestamp } = reading;
      const trends = this.#trends(reading, room);
      const age = ageSeconds(timestamp, this.parts.now);
      const interval = room > 0 ? this.parts.interval?.(reading) : undefined;
      const every = interval === undefined ? {} : { everySeconds: Math.round(interval / MS_PER_SECOND) };
      const since = this.parts.unknownSince?.(reading);
      const unknown = since === undefined ? {} : { unknownSince: since };
      const offsets = reading.node === this.parts.host.node ? (this.parts.offsets?.(reading) ?? []) : [];
      const corrected = offsets.length === 0 ? {} : { offsets };
      const known = { values, units, timestamp, ageSeconds: age, ...every, ...unknown, ...corrected };
      room -= trends.length;
      this.#left -= trends.length;
      return [JSON.stringify(trends.length === 0 ? known : { ...known, trends: Object.fromEntries(trends) })];
    };
    yield* objectText(new Map(ofPlugin.map((reading) => [reading.sensorId, reading])), sensor);
  }

  #trends(reading: Reading, room: number): (readonly [string, unknown])[] {
    const found: (readonly [string, unknown])[] = [];
    for (const [field, value] of Object.entries(reading.values)) {
      if (found.length >= room) break;
      const trend = typeof value === 'number' ? this.parts.trend(reading, field) : undefined;
      if (trend && trend.points.length >= 2) found.push([field, asShown(trend, this.parts.now)]);
    }
    return found;
  }
}

/** Relative to now, so that a page needs no clock, and with no more digits than can be seen. */
function asShown({ points, min, max, since }: Trend, now: number): unknown {
  const hours = Math.max(SHORTEST_HOURS, Math.round(((now - since) / MS_PER_HOUR) * 10) / 10);
  return { points: points.map(([at, value]) => [ageSeconds(at, now), rounded(value)]), min, max, hours };
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(TREND_DIGITS));
}

function byKey(
  readings: readonly Reading[],
  keyOf: (reading: Reading) => string,
): ReadonlyMap<string, readonly Reading[]> {
  const groups = new Map<string, Reading[]>();
  for (const reading of readings) {
    const group = groups.get(keyOf(reading));
    if (group) group.push(reading);
    else groups.set(keyOf(reading), [reading]);
  }
  return groups;
}

/**
 * Key of the flat form, plugin it is taken from, and its fields with ours. The form has no word for "not known", and
 * components built against it take every key for granted: a value that was not read yet, or that does not hold any more, is 0.
 */
const DEMO_FORM = [
  { key: 'dht22', plugin: 'dht22', fields: { temp: 'temperature', humidity: 'humidity' } },
  {
    key: 'bme680',
    plugin: 'bme680',
    fields: {
      temp: 'temperature',
      humidity: 'humidity',
      pressure: 'pressure',
      gas: 'gasResistance',
      iaq: 'iaqScore',
    },
  },
  {
    key: 'pi',
    plugin: 'pi_monitor',
    fields: {
      cpu_temp: 'cpuTemp',
      memory_used_mb: 'memoryUsedMb',
      memory_total_mb: 'memoryTotalMb',
      uptime_seconds: 'uptimeSeconds',
    },
  },
] as const;

/** Of `SensorDataParts`, what the forms without nodes are made of. */
type NewestParts = Pick<SensorDataParts, 'readings' | 'now' | 'unknownSince' | 'interval'>;

/** The newest reading of each kind; one of `node` itself wins over those of other nodes. */
export function demoSensorData(parts: NewestParts, node: string): string {
  return JSON.stringify(
    Object.fromEntries(
      DEMO_FORM.map(({ key, plugin, fields }) => {
        const values = newestOf(parts, plugin, node)?.values ?? {};
        const flat = Object.entries(fields).map(([theirs, ours]) => [theirs, values[ours] ?? 0]);
        return [key, Object.fromEntries(flat)];
      }),
    ),
  );
}

/** Of one kind of plugin, wherever it runs; one of `node` itself wins. undefined: its values are not known. */
export function newestOf(parts: NewestParts, plugin: string, node: string): Reading | undefined {
  const candidates = parts.readings.filter((reading) => reading.plugin === plugin);
  const own = candidates.filter((reading) => reading.node === node);
  const known = (own.length > 0 ? own : candidates).filter((reading) => isKnown(reading, parts, node));
  return known.reduce<Reading | undefined>(
    (newest, reading) => (newest && newest.timestamp >= reading.timestamp ? newest : reading),
    undefined,
  );
}

/** A poll that fails on another node is not heard of here: its readings only grow old, as on the page. */
function isKnown(reading: Reading, { now, unknownSince, interval }: NewestParts, node: string): boolean {
  if (unknownSince?.(reading) !== undefined) return false;
  const staleAfterMs = Math.max(STALE_AFTER_MS, STALE_INTERVALS * (interval?.(reading) ?? 0));
  return reading.node === node || now - reading.timestamp <= staleAfterMs;
}
