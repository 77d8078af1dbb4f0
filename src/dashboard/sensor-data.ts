/**
 * What a dashboard plugin is given to render, as JSON text: `sensorData` for `edge:plugin`, `demoSensorData` in the
 * flat form of the original host for `demo:plugin`. Pure; the clock is passed in. Names of nodes, plugins and sensors
 * are data from elsewhere: they become own properties whatever they are called.
 */
import type { Reading } from '../readings/reading';
import type { PluginSummary } from '../runtime-api';
import { ageSeconds } from './api';

export interface SensorDataParts {
  readonly readings: readonly Reading[];
  /** `#rrggbb` an LED. */
  readonly leds: readonly string[];
  readonly plugins: readonly PluginSummary[];
  /** ms since 1970. */
  readonly now: number;
}

/** `{nodes: {<node>: {<plugin>: {<sensor>: {values, units, timestamp, ageSeconds}}}}, leds, plugins}`. */
export function sensorData({ readings, leds, plugins, now }: SensorDataParts): string {
  const nodes = byKey(
    readings,
    (reading) => reading.node,
    (ofNode) =>
      byKey(
        ofNode,
        (reading) => reading.plugin,
        (ofPlugin) => sensors(ofPlugin, now),
      ),
  );
  return JSON.stringify({ nodes, leds, plugins });
}

function sensors(readings: readonly Reading[], now: number): Record<string, unknown> {
  return Object.fromEntries(
    readings.map(({ sensorId, values, units, timestamp }) => {
      return [sensorId, { values, units, timestamp, ageSeconds: ageSeconds(timestamp, now) }];
    }),
  );
}

function byKey<T>(
  readings: readonly Reading[],
  keyOf: (reading: Reading) => string,
  inner: (group: readonly Reading[]) => T,
): Record<string, T> {
  const groups = new Map<string, Reading[]>();
  for (const reading of readings) {
    const group = groups.get(keyOf(reading));
    if (group) group.push(reading);
    else groups.set(keyOf(reading), [reading]);
  }
  return Object.fromEntries([...groups].map(([key, group]) => [key, inner(group)]));
}

/**
 * Key of the flat form, plugin it is taken from, and its fields with ours. The form has no word for "not read yet", and
 * components built against it take every key for granted: a value that is not known yet is 0.
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

/** The newest reading of each kind; one of `node` itself wins over those of other nodes. */
export function demoSensorData(readings: readonly Reading[], node: string): string {
  return JSON.stringify(
    Object.fromEntries(
      DEMO_FORM.map(({ key, plugin, fields }) => {
        const values = newestOf(readings, plugin, node)?.values ?? {};
        const flat = Object.entries(fields).map(([theirs, ours]) => [theirs, values[ours] ?? 0]);
        return [key, Object.fromEntries(flat)];
      }),
    ),
  );
}

/** Of one kind of plugin, wherever it runs; one of `node` itself wins. */
export function newestOf(readings: readonly Reading[], plugin: string, node: string): Reading | undefined {
  const candidates = readings.filter((reading) => reading.plugin === plugin);
  const own = candidates.filter((reading) => reading.node === node);
  return (own.length > 0 ? own : candidates).reduce<Reading | undefined>(
    (newest, reading) => (newest && newest.timestamp >= reading.timestamp ? newest : reading),
    undefined,
  );
}
