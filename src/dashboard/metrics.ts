/**
 * /metrics in OpenMetrics 1.0 text form. All readings are one family, `wasi_reading`, with the field as a label: field
 * names are a plugin's choice, and as label values they may hold any text, while as metric names two of them could
 * become one. Text fields have no place in metrics and are left out, as are numbers that are not finite. Samples carry
 * no timestamp of their own (a scraper would take an old reading for a gap); `wasi_reading_timestamp_seconds` tells age.
 */
import type { Reading } from '../readings/reading';
import type { PluginStateKind, PluginSummary, RuntimeApi } from '../runtime-api';
import type { RuntimeCluster } from '../runtime-cluster';
import { clusterFamilies } from './cluster-metrics';
import { dataAnswer, type HttpAnswer } from './http-answer';
import { CONTENT_TYPE, type Family, openMetricsText, type Sample } from './open-metrics';

const MS_PER_SECOND = 1_000;

const STATES: readonly PluginStateKind[] = [
  'disabled',
  'loading',
  'ready',
  'polling',
  'reloading',
  'backing-off',
  'closed',
];

/** What runs here, for `wasi_runtime`. */
export interface RuntimeFacts {
  /** Of this package. */
  readonly version: string;
  /** Its name among others. */
  readonly node: string;
  readonly hardware: RuntimeApi['hardware'];
}

export function metricsAnswer(
  latest: readonly Reading[],
  plugins: readonly PluginSummary[],
  runtime: RuntimeFacts,
  cluster?: RuntimeCluster,
  unknownSince: (reading: Reading) => number | undefined = () => undefined,
): HttpAnswer {
  const families = [
    runtimeFamily(runtime),
    ...readingFamilies(latest, (reading) => unknownSince(reading) === undefined),
    ...pluginFamilies(plugins),
    ...guestFamilies(plugins),
    ...(cluster ? clusterFamilies(cluster) : []),
  ];
  return dataAnswer(200, CONTENT_TYPE, openMetricsText(families));
}

function runtimeFamily({ version, node, hardware }: RuntimeFacts): Family {
  const model: Readonly<Record<string, string>> = hardware.kind === 'simulated' ? {} : { model: hardware.model };
  return {
    name: 'wasi_runtime',
    type: 'info',
    help: 'What runs here: version of the package, name of the node, what drives its devices.',
    samples: [{ labels: { version, node, hardware: hardware.kind, ...model }, value: 1 }],
  };
}

/** A value that is not known any more has no sample, so that a rule for missing values finds it. */
function readingFamilies(latest: readonly Reading[], isKnown: (reading: Reading) => boolean): Family[] {
  return [
    {
      name: 'wasi_reading',
      type: 'gauge',
      help: 'Newest value of each field of each sensor.',
      samples: latest.filter(isKnown).flatMap(valueSamples),
    },
    {
      name: 'wasi_reading_timestamp_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When the newest reading of each sensor was taken, seconds since 1970.',
      samples: latest.map((reading) => ({ labels: placeOf(reading), value: reading.timestamp / MS_PER_SECOND })),
    },
  ];
}

function valueSamples(reading: Reading): Sample[] {
  const samples: Sample[] = [];
  for (const [field, value] of Object.entries(reading.values)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    const unit = Object.hasOwn(reading.units, field) ? reading.units[field] : undefined;
    samples.push({ labels: { ...placeOf(reading), field, ...(unit ? { unit } : {}) }, value });
  }
  return samples;
}

function placeOf({ node, plugin, sensorId }: Reading): Record<string, string> {
  return { node, plugin, sensor: sensorId };
}

function pluginFamilies(plugins: readonly PluginSummary[]): Family[] {
  return [
    {
      name: 'wasi_plugin_state',
      type: 'stateset',
      help: 'State of each plugin: 1 for the one it is in.',
      samples: plugins.flatMap((plugin) => STATES.map((state) => stateSample(plugin, state))),
    },
    {
      name: 'wasi_plugin_polls',
      type: 'counter',
      help: 'Polls of each plugin since Node-RED started its runtime.',
      samples: plugins.map(({ name, polls }) => ({ labels: { plugin: name }, value: polls })),
    },
    {
      name: 'wasi_plugin_failures',
      type: 'counter',
      help: 'Polls and loads of each plugin that failed, by the code of the error.',
      samples: plugins.flatMap(({ name, failuresByCode = {} }) =>
        Object.entries(failuresByCode).map(([code, value]) => ({ labels: { plugin: name, code }, value })),
      ),
    },
    {
      name: 'wasi_plugin_failing',
      type: 'gauge',
      help: 'Whether the newest call of each plugin did not bring all that it should have: 1, or 0.',
      samples: plugins.map(({ name, failing }) => ({ labels: { plugin: name }, value: Number(failing !== undefined) })),
    },
    {
      name: 'wasi_plugin_refused_calls',
      type: 'counter',
      help: 'Calls of each plugin that its grants refused.',
      samples: plugins.map(({ name, refusedCalls }) => ({ labels: { plugin: name }, value: refusedCalls })),
    },
  ];
}

/**
 * Of guests that were called, and run. Latency is a summary by what is known of the last calls, median and longest, without
 * count and sum, which the format leaves out where they are not known; the last call stands beside it.
 */
function guestFamilies(plugins: readonly PluginSummary[]): Family[] {
  return [
    {
      name: 'wasi_plugin_call_seconds',
      type: 'summary',
      unit: 'seconds',
      help: 'Of the last calls of each plugin the median and the longest, without the time that they waited.',
      samples: plugins.flatMap(latencySamples),
    },
    {
      name: 'wasi_plugin_last_call_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'What the last call of each plugin took.',
      samples: plugins.flatMap(({ name, latency }) =>
        latency ? [{ labels: { plugin: name }, value: latency.lastMs / MS_PER_SECOND }] : [],
      ),
    },
    {
      name: 'wasi_plugin_memory_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'Linear memory of the guest of each plugin.',
      samples: plugins.flatMap(({ name, memoryBytes }) =>
        memoryBytes === undefined ? [] : [{ labels: { plugin: name }, value: memoryBytes }],
      ),
    },
  ];
}

function latencySamples({ name, latency }: PluginSummary): Sample[] {
  if (!latency) return [];
  return [
    { labels: { plugin: name, quantile: '0.5' }, value: latency.medianMs / MS_PER_SECOND },
    { labels: { plugin: name, quantile: '1' }, value: latency.longestMs / MS_PER_SECOND },
  ];
}

/** The format names a state's label after its family. */
function stateSample({ name, state }: PluginSummary, candidate: PluginStateKind): Sample {
  return { labels: { plugin: name, wasi_plugin_state: candidate }, value: state === candidate ? 1 : 0 };
}
