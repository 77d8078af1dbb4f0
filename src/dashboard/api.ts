/**
 * The answers of /api/readings, /api/history, /api/logs and /api/health, made of what the runtime holds. Pure: the
 * clock is passed in, HTTP is left to the node. Lists are JSON arrays in the form of plugin-poll's batch.
 *
 * Health is 503 as soon as one enabled plugin cannot serve (it has no component, backs off after failures, or is closed) or
 * its newest call failed, be it for one of several devices, or something that should be on the disk is not. A plugin that loads, reloads or is being polled does not count
 * as failing for that, and neither does a disabled one.
 */

import type { LogLine } from '../readings/log-lines';
import { piecesOf } from '../readings/loop-breaks';
import type { Reading } from '../readings/reading';
import { VALUES_AT_ONCE, weightOf } from '../readings/reading-size';
import type { HistorySeries } from '../readings/readings-store';
import type { PluginSummary } from '../runtime-api/runtime-api';
import type { StorageView } from '../runtime-api/storage-api';
import type { ClusterHealth } from './cluster-metrics';
import { askedSeries, type Query } from './history-query';
import { type HttpAnswer, JSON_TYPE, jsonAnswer, keptAnswer, piecedAnswer, type StreamedAnswer } from './http-answer';

const MS_PER_SECOND = 1_000;

/** Whole seconds; never negative, though a sensor's clock may be ahead of ours. */
export function ageSeconds(timestamp: number, now: number): number {
  return Math.max(0, Math.floor((now - timestamp) / MS_PER_SECOND));
}

/**
 * `[{node, plugin, sensorId, timestamp, ageSeconds, unknownSince, values, units}]`; `unknownSince` (ms since 1970) only of a
 * sensor whose newest reading does not hold any more.
 */
export function readingsAnswer(
  latest: readonly Reading[],
  now: number,
  unknownSince: (reading: Reading) => number | undefined = () => undefined,
): StreamedAnswer {
  const shown = (reading: Reading): string => {
    const { node, plugin, sensorId, timestamp, values, units } = reading;
    const since = unknownSince(reading);
    const unknown = since === undefined ? {} : { unknownSince: since };
    const age = ageSeconds(timestamp, now);
    return JSON.stringify({ node, plugin, sensorId, timestamp, ageSeconds: age, ...unknown, values, units });
  };
  return piecedAnswer(JSON_TYPE, listText(latest, shown));
}

function* listText(latest: readonly Reading[], shown: (reading: Reading) => string): Generator<string> {
  let before = '[';
  for (const piece of piecesOf(latest, VALUES_AT_ONCE, weightOf)) {
    yield `${before}${piece.map(shown).join(',')}`;
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/**
 * `{sensor, field, series: [{node, plugin, sensorId, unit, points: [{timestamp, value}]}]}`: the last readings one by one. 400
 * where not one sensor and one field are named, 404 where nothing is known.
 */
export function historyAnswer(
  query: Query,
  history: (sensor: string, field: string) => readonly HistorySeries[],
): HttpAnswer {
  const asked = askedSeries(query);
  if (asked.kind === 'wrong') return jsonAnswer(400, { error: asked.error });
  const { sensor, field } = asked.for;
  const series = history(sensor, field);
  if (series.length > 0) return keptAnswer(jsonAnswer(200, { sensor, field, series }));
  return jsonAnswer(404, {
    error: `No reading of sensor "${sensor}" has a number called "${field}"; /api/readings lists what there is.`,
  });
}

/** `[{at, level, plugin, text}]`, oldest first. */
export function logsAnswer(lines: readonly LogLine[]): HttpAnswer {
  return keptAnswer(jsonAnswer(200, lines));
}

/**
 * `{status: "ok" | "failing", failing: [name], plugins: [summary], cluster, storage}`; the status is that of the plugins and
 * of the disk, which may be low on space and still healthy: a node that is cut off from its cluster still serves.
 */
export function healthAnswer(
  plugins: readonly PluginSummary[],
  cluster?: ClusterHealth,
  storage?: StorageView,
): HttpAnswer {
  const failing = plugins.filter((plugin) => !canServe(plugin)).map((plugin) => plugin.name);
  const healthy = failing.length === 0 && storage?.status !== 'failing';
  return jsonAnswer(healthy ? 200 : 503, { status: healthy ? 'ok' : 'failing', failing, plugins, cluster, storage });
}

function canServe({ state, origin, failing }: PluginSummary): boolean {
  switch (state) {
    case 'disabled':
      return true;
    case 'backing-off':
    case 'closed':
      return false;
    case 'loading':
    case 'ready':
    case 'polling':
    case 'reloading':
      return origin !== 'missing' && failing === undefined;
  }
}
