/**
 * Families of samples in the two forms that scrapers read: OpenMetrics 1.0, and Prometheus' text format 0.0.4, which has
 * neither `info` nor `stateset` (both are gauges there), no units and no end mark, and describes a counter under the name of
 * its samples. A family without samples is left out, so that a scraper is not told of what there is not. Label values may
 * be any text.
 */
import { piecesOf } from '../readings/loop-breaks';
import { VALUES_AT_ONCE } from '../readings/reading-size';

export interface Family {
  /** Ends with its unit where it has one. */
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'stateset' | 'summary' | 'info';
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a summary: how many observations there were, and their sum. */
  readonly suffix?: '_count' | '_sum';
}

export type ExpositionFormat = 'openmetrics' | 'text';

/** What the name of a family's samples has behind the family's. */
const SUFFIXES: Readonly<Partial<Record<Family['type'], string>>> = { counter: '_total', info: '_info' };
const TYPES_OF_TEXT: Readonly<Record<Family['type'], string>> = {
  gauge: 'gauge',
  counter: 'counter',
  stateset: 'gauge',
  summary: 'summary',
  info: 'gauge',
};

/** In chunks of some tens of samples. */
export function* expositionText(families: readonly Family[], format: ExpositionFormat): Generator<string> {
  for (const family of families) {
    if (family.samples.length === 0) continue;
    yield `${(format === 'text' ? textHead(family) : openMetricsHead(family)).join('\n')}\n`;
    yield* samplesOf(family);
  }
  if (format === 'openmetrics') yield '# EOF\n';
}

/** `{…}` of a sample, or nothing without labels; two samples of a family with the same text are one series. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function openMetricsHead({ name, type, help, unit }: Family): readonly string[] {
  return [`# TYPE ${name} ${type}`, ...(unit ? [`# UNIT ${name} ${unit}`] : []), `# HELP ${name} ${help}`];
}

function textHead(family: Family): readonly string[] {
  const name = sampleName(family);
  return [`# HELP ${name} ${family.help}`, `# TYPE ${name} ${TYPES_OF_TEXT[family.type]}`];
}

function* samplesOf(family: Family): Generator<string> {
  const name = sampleName(family);
  for (const samples of piecesOf(family.samples, VALUES_AT_ONCE, () => 1))
    yield samples.map(({ labels, value, suffix = '' }) => `${name}${suffix}${labelText(labels)} ${value}\n`).join('');
}

function sampleName({ name, type }: Family): string {
  return `${name}${SUFFIXES[type] ?? ''}`;
}

/** Half a character has no UTF-8 and would become the same mark as any other half. */
function escaped(value: string): string {
  return value
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('"', '\\"');
}
