/**
 * /metrics in OpenMetrics 1.0 text form. All readings are one family, `wasi_reading`, with the field as a label: field
 * names are a plugin's choice, and as label values they may hold any text, while as metric names two of them could
 * become one. Text fields have no place in metrics and are left out, as are numbers that are not finite. Samples carry
 * no timestamp of their own (a scraper would take an old reading for a gap); `wasi_reading_timestamp_seconds` tells age.
 */
import type { Reading } from '../readings/reading';
import type { PluginStateKind, PluginSummary } from '../runtime-api';
import { dataAnswer, type HttpAnswer } from './http-answer';

const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
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

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'stateset';
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function metricsAnswer(latest: readonly Reading[], plugins: readonly PluginSummary[]): HttpAnswer {
  const text = [...readingFamilies(latest), ...pluginFamilies(plugins)].map(familyText).join('');
  return dataAnswer(200, CONTENT_TYPE, `${text}# EOF\n`);
}

function readingFamilies(latest: readonly Reading[]): Family[] {
  return [
    {
      name: 'wasi_reading',
      type: 'gauge',
      help: 'Newest value of each field of each sensor.',
      samples: latest.flatMap(valueSamples),
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
      help: 'Polls and loads of each plugin that failed.',
      samples: plugins.map(({ name, failures }) => ({ labels: { plugin: name }, value: failures })),
    },
    {
      name: 'wasi_plugin_refused_calls',
      type: 'counter',
      help: 'Calls of each plugin that its grants refused.',
      samples: plugins.map(({ name, refusedCalls }) => ({ labels: { plugin: name }, value: refusedCalls })),
    },
  ];
}

/** The format names a state's label after its family. */
function stateSample({ name, state }: PluginSummary, candidate: PluginStateKind): Sample {
  return { labels: { plugin: name, wasi_plugin_state: candidate }, value: state === candidate ? 1 : 0 };
}

function familyText({ name, type, help, unit, samples }: Family): string {
  const sampleName = type === 'counter' ? `${name}_total` : name;
  const lines = [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${help}`,
    ...samples.map(({ labels, value }) => `${sampleName}{${labelText(labels)}} ${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
