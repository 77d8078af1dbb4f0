/** The sensors of the plant of `plant.ts`: what they read, and how that went. */
import type { Reading } from '../../src/readings/reading';
import { TREND_POINTS, type Trend } from '../../src/readings/trend';

/** 24 November 2026, 14:03:22 UTC. */
export const PLANT_NOW = Date.UTC(2026, 10, 24, 14, 3, 22);
const HOUR_MS = 3_600_000;
const TREND_MS = 3 * HOUR_MS;
/** One of so many points is missing for each sensor whose number is odd: its line has a gap. */
const GAP_FROM = 20;
const GAP_TO = 27;

export const NODES = ['pi4', 'pi5', 'revpi-hall', 'pi-zero'] as const;
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
  flow: 'm³/h',
  level: '%',
};

export function reading(
  node: string,
  plugin: string,
  sensorId: string,
  values: Reading['values'],
  ageMs = 2_000,
): Reading {
  const units = Object.fromEntries(
    Object.keys(values).flatMap((field) => (UNITS[field] ? [[field, UNITS[field]]] : [])),
  );
  return { node, plugin, sensorId, values, units, timestamp: PLANT_NOW - ageMs };
}

export function climate(node: string, at: number, ageMs?: number): Reading[] {
  return [
    reading(node, 'dht22', 'hall', { temperature: 21.5 + at, humidity: 44 - at }, ageMs),
    reading(
      node,
      'bme680',
      'cellar',
      { temperature: 18.2 + at, humidity: 61, pressure: 1013.25, gasResistance: 118.4, iaqScore: 82, iaqAccuracy: 3 },
      ageMs,
    ),
    reading(
      node,
      'pi_monitor',
      'pi_monitor',
      { cpuTemp: 48.2 + at, cpuUsage: 12.5, memoryUsedMb: 412, memoryTotalMb: 3791, uptimeSeconds: 98_765, fanOn: 0 },
      ageMs,
    ),
  ];
}

/** A wave round the newest value, of an amplitude that differs from field to field. */
export function trendOf({ sensorId, values, timestamp }: Reading, field: string): Trend | undefined {
  const value = values[field];
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const seed = sensorId.length + field.length;
  const points: [number, number][] = [];
  for (let at = 0; at < TREND_POINTS; at += 1) {
    if (seed % 2 === 1 && at >= GAP_FROM && at < GAP_TO) continue;
    const wave = Math.sin(at / (4 + (seed % 5))) + 0.2 * Math.sin(at * 1.7);
    const amplitude = field === 'fanOn' ? 0 : Math.abs(value) * 0.04;
    const ago = ((TREND_POINTS - 1 - at) / (TREND_POINTS - 1)) * TREND_MS;
    const height = value + amplitude * (at === TREND_POINTS - 1 ? 0 : wave);
    points.push([timestamp - ago, Number.isInteger(value) ? Math.round(height) : height]);
  }
  const drawn = points.map(([, height]) => height);
  return { points, min: Math.min(...drawn), max: Math.max(...drawn), since: timestamp - TREND_MS };
}

export function sensorsOf(plugin: string, count: number): Reading[] {
  return Array.from({ length: count }, (_, at) => reading('pi4', plugin, `s${at}`, { level: at, flow: at / 7 }));
}

export function machine(node: string, more: Reading['values'] = {}): Reading[] {
  return [reading(node, 'water', 'tank-1', { level: 63, flow: 2.04, ...more })];
}
