/**
 * The text form of OpenMetrics 1.0: families of samples, each described before them, and the end that the format asks for. A
 * family without samples is left out, so that a scraper does not learn of what there is not. Label values may be any text.
 */
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
}

export const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** What the format adds to the family's name for a sample. */
const SUFFIXES: Readonly<Partial<Record<Family['type'], string>>> = { counter: '_total', info: '_info' };

export function openMetricsText(families: readonly Family[]): string {
  const texts = families.filter(({ samples }) => samples.length > 0).map(familyText);
  return `${texts.join('')}# EOF\n`;
}

function familyText({ name, type, help, unit, samples }: Family): string {
  const sampleName = `${name}${SUFFIXES[type] ?? ''}`;
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
