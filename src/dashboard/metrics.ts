/**
 * /metrics, as OpenMetrics 1.0 for scrapers that ask for it, else as Prometheus' text format 0.0.4. All readings are one
 * family, `wasi_reading`, with the field as a label: field names are a plugin's choice, and as label values they may hold any
 * text, while as metric names two of them could become one. Text fields have no place in metrics and are left out, as are
 * numbers that are not finite. Samples carry no timestamp of their own (a scraper would take an old reading for a gap);
 * `wasi_reading_timestamp_seconds` tells age. docs/metrics.md lists all families.
 */
import { piecesOf } from '../readings/loop-breaks';
import type { Reading } from '../readings/reading';
import { VALUES_AT_ONCE, weightOf } from '../readings/reading-size';
import type { RuntimeCluster } from '../runtime-api/cluster-api';
import type { PluginTotals, RuntimeCounts } from '../runtime-api/counters';
import type { PluginStateKind, PluginSummary, RuntimeApi } from '../runtime-api/runtime-api';
import type { StorageView } from '../runtime-api/storage-api';
import { clusterFamilies } from './cluster-metrics';
import { type MediaForm, preferredForm } from './content-negotiation';
import { countFamilies } from './count-metrics';
import { type ExpositionFormat, expositionText, type Family, labelText, type Sample } from './exposition';
import { piecedAnswer, type StreamedAnswer } from './http-answer';
import { SeriesLimit } from './series-limit';
import { storageFamilies } from './storage-metrics';

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

interface MetricsForm extends MediaForm {
  readonly format: ExpositionFormat;
}

/** `escaping` is a scraper's wish about names that are not `[a-zA-Z_:]`: there are none here. */
const TEXT: MetricsForm = {
  format: 'text',
  type: 'text',
  subtype: 'plain',
  parameters: { version: '0.0.4', charset: 'utf-8', escaping: undefined },
};
const OPEN_METRICS: MetricsForm = {
  format: 'openmetrics',
  type: 'application',
  subtype: 'openmetrics-text',
  parameters: { version: '1.0.0', charset: 'utf-8', escaping: undefined },
};

/** What runs here, for `wasi_runtime`. */
export interface RuntimeFacts {
  /** Of this package. */
  readonly version: string;
  /** Its name among others. */
  readonly node: string;
  readonly hardware: RuntimeApi['hardware'];
}

export interface MetricsParts {
  /** The newest of every sensor. */
  readonly readings: readonly Reading[];
  readonly plugins: readonly PluginSummary[];
  readonly runtime: RuntimeFacts;
  readonly counts?: RuntimeCounts;
  readonly cluster?: RuntimeCluster;
  readonly storage?: StorageView;
  /** ms since 1970, of a sensor whose newest reading does not hold any more. */
  readonly unknownSince?: (reading: Reading) => number | undefined;
  /** The same for every scrape. */
  readonly limit?: SeriesLimit;
}

/** `accept`: the request's header, if it has one. */
export function metricsAnswer(parts: MetricsParts, accept?: string): StreamedAnswer {
  const { type, subtype, parameters, format } = preferredForm(accept, [TEXT, OPEN_METRICS]);
  const contentType = `${type}/${subtype}; version=${parameters['version']}; charset=utf-8`;
  const answer = piecedAnswer(contentType, metricsText(parts, format));
  return { ...answer, headers: { ...answer.headers, Vary: 'Accept' } };
}

/** What there is when it is begun; the readings are gone through in pieces before their families are written. */
function* metricsText(parts: MetricsParts, format: ExpositionFormat): Generator<string> {
  const { readings, plugins, runtime, counts, cluster, storage, unknownSince, limit = new SeriesLimit() } = parts;
  const shown = new ReadingSamples(limit);
  for (const piece of piecesOf(readings, VALUES_AT_ONCE, weightOf)) {
    for (const reading of piece) shown.add(reading, unknownSince?.(reading) === undefined);
    yield '';
  }
  const families = [
    runtimeFamily(runtime),
    ...shown.families(),
    ...(counts ? [droppedFamily(counts)] : []),
    ...pluginFamilies(plugins),
    ...guestFamilies(plugins, counts?.plugins ?? []),
    ...(counts ? countFamilies(counts) : []),
    ...(storage ? storageFamilies(storage) : []),
    ...(cluster ? clusterFamilies(cluster) : []),
  ];
  yield* expositionText(families, format);
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

/**
 * A value that is not known any more has no sample, so that a rule for missing values finds it. What a plugin has no place
 * for is counted, so that nobody takes it for a sensor that is gone.
 */
class ReadingSamples {
  readonly #values: Sample[] = [];
  readonly #timestamps: Sample[] = [];
  readonly #omitted = new Map<string, Sample>();
  /** Texts that differ in halves of characters alone become the same. */
  readonly #seen = new Set<string>();

  constructor(readonly limit: SeriesLimit) {}

  add(reading: Reading, isKnown: boolean): void {
    const { node, plugin } = reading;
    const time = { labels: placeOf(reading), value: reading.timestamp / MS_PER_SECOND };
    const admitted = [time, ...valueSamples(reading)].map((sample) => {
      const series = labelText(sample.labels);
      const fits = !this.#seen.has(series) && this.limit.admits(node, plugin, series);
      this.#seen.add(series);
      return { sample, fits };
    });
    if (admitted[0]?.fits) this.#timestamps.push(time);
    if (isKnown) this.#values.push(...admitted.slice(1).flatMap(({ sample, fits }) => (fits ? [sample] : [])));
    const labels = { node, plugin };
    const before = this.#omitted.get(labelText(labels))?.value ?? 0;
    this.#omitted.set(labelText(labels), { labels, value: before + admitted.filter(({ fits }) => !fits).length });
  }

  families(): readonly Family[] {
    return [
      {
        name: 'wasi_reading',
        type: 'gauge',
        help: 'Newest value of each field of each sensor.',
        samples: this.#values,
      },
      {
        name: 'wasi_reading_timestamp_seconds',
        type: 'gauge',
        unit: 'seconds',
        help: 'When the newest reading of each sensor was taken, seconds since 1970.',
        samples: this.#timestamps,
      },
      {
        name: 'wasi_reading_series_omitted',
        type: 'gauge',
        help: 'Series of each plugin that are missing here because its sensors and fields had too many different names.',
        samples: [...this.#omitted.values()],
      },
    ];
  }
}

function droppedFamily({ droppedSensors }: RuntimeCounts): Family {
  return {
    name: 'wasi_reading_sensors_dropped',
    type: 'counter',
    help: 'Sensors of each plugin that are not here any more: there were too many, or no poll brought them for an hour.',
    samples: droppedSensors.map(({ node, plugin, sensors }) => ({ labels: { node, plugin }, value: sensors })),
  };
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
      help: 'Polls of each plugin that succeeded.',
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

/** Of guests that were called, and run. The latency's quantiles are those of the last calls, its sum and count those of all. */
function guestFamilies(plugins: readonly PluginSummary[], totals: readonly PluginTotals[]): Family[] {
  return [
    {
      name: 'wasi_plugin_call_seconds',
      type: 'summary',
      unit: 'seconds',
      help: 'Of the last calls of each plugin the median and the longest, of all calls the sum and the count; waiting is not included.',
      samples: plugins.flatMap((plugin) =>
        latencySamples(
          plugin,
          totals.find((each) => each.plugin === plugin.name),
        ),
      ),
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

function latencySamples({ name, latency }: PluginSummary, totals: PluginTotals | undefined): Sample[] {
  const labels = { plugin: name };
  const quantiles = latency
    ? [
        { labels: { ...labels, quantile: '0.5' }, value: latency.medianMs / MS_PER_SECOND },
        { labels: { ...labels, quantile: '1' }, value: latency.longestMs / MS_PER_SECOND },
      ]
    : [];
  if (totals === undefined) return quantiles;
  return [
    ...quantiles,
    { labels, value: totals.callMs / MS_PER_SECOND, suffix: '_sum' },
    { labels, value: totals.calls, suffix: '_count' },
  ];
}

/** OpenMetrics names a state's label after its family. */
function stateSample({ name, state }: PluginSummary, candidate: PluginStateKind): Sample {
  return { labels: { plugin: name, wasi_plugin_state: candidate }, value: state === candidate ? 1 : 0 };
}
