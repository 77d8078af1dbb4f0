/**
 * A strict reader of what /metrics answers, as far as the format is used here: OpenMetrics 1.0 (its text format's ABNF and
 * the rules for each type), and Prometheus' text format 0.0.4. Fails at the line that breaks a rule.
 */
import assert from 'node:assert/strict';

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly ReadSample[];
}

interface Rules {
  readonly types: ReadonlySet<string>;
  /** What the samples of a type have behind the family's name. */
  readonly suffixes: Readonly<Record<string, readonly string[]>>;
}

const OPEN_METRICS: Rules = {
  types: new Set(['counter', 'gauge', 'info', 'stateset', 'summary']),
  suffixes: { counter: ['_total'], info: ['_info'], summary: ['', '_sum', '_count'] },
};
const TEXT: Rules = {
  types: new Set(['counter', 'gauge', 'summary']),
  suffixes: { summary: ['', '_sum', '_count'] },
};

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?)$`, 's');
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

export function readOpenMetrics(text: string): ReadonlyMap<string, ReadFamily> {
  assert.ok(text.endsWith('\n# EOF\n'), 'the last line is # EOF');
  const body = text.slice(0, -'# EOF\n'.length);
  assert.doesNotMatch(body, /^# EOF/m, 'there is one # EOF');
  const families = readFamilies(body, OPEN_METRICS);
  for (const { name, type, unit, samples } of families.values()) {
    assert.doesNotMatch(
      name,
      /_(?:total|info|count|sum|bucket|created)$/,
      `${name}: a family's name has no suffix of a type`,
    );
    const wanted = /_(seconds|bytes)$/.exec(name)?.[1];
    assert.equal(unit, wanted, `${name}: its unit is the end of its name`);
    if (type === 'stateset')
      for (const { labels } of samples) assert.ok(Object.hasOwn(labels, name), `${name}: its label`);
    if (type === 'stateset' || type === 'info')
      for (const { value } of samples)
        assert.ok(value === 1 || (type === 'stateset' && value === 0), `${name}: 1 or 0`);
  }
  return families;
}

export function readPrometheusText(text: string): ReadonlyMap<string, ReadFamily> {
  assert.doesNotMatch(text, /^# (?!TYPE |HELP )/m, 'there are only TYPE and HELP');
  const families = readFamilies(text, TEXT);
  for (const { name, type, unit } of families.values()) {
    assert.equal(unit, undefined);
    assert.equal(name.endsWith('_total'), type === 'counter', `${name}: counters alone end with _total`);
  }
  return families;
}

function readFamilies(text: string, rules: Rules): ReadonlyMap<string, ReadFamily> {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line ends');
  const families = new Map<
    string,
    { name: string; type: string; unit?: string; help: string; samples: ReadSample[] }
  >();
  const series = new Set<string>();
  let name = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const described = /^# (TYPE|HELP|UNIT) (\S+) (.+)$/s.exec(line);
    if (described) {
      const [, what = '', named = '', value = ''] = described;
      if (named !== name) {
        assert.ok(!families.has(named), `${line}: all of a family stands together`);
        families.set(named, { name: named, type: '', help: '', samples: [] });
        name = named;
      }
      const family = families.get(name);
      assert.ok(family && family.samples.length === 0, `${line}: described before its samples`);
      const key = what === 'TYPE' ? 'type' : what === 'HELP' ? 'help' : 'unit';
      assert.ok(!family[key], `${line}: said once`);
      family[key] = value;
      continue;
    }
    const [, sampleName = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? assert.fail(`${line}: no sample`);
    const family = families.get(name);
    assert.ok(family && rules.types.has(family.type) && family.help !== '', `${line}: of a described family`);
    const suffixes = rules.suffixes[family.type] ?? [''];
    assert.ok(
      suffixes.some((suffix) => sampleName === `${name}${suffix}`),
      `${line}: a sample of ${name}`,
    );
    const labels = readLabels(labelText, line);
    const key = JSON.stringify([sampleName, Object.entries(labels).sort()]);
    assert.ok(!series.has(key), `${line}: a series has one sample`);
    series.add(key);
    const read = { name: sampleName, labels, value: Number(value) };
    assert.ok(Number.isFinite(read.value), line);
    if (family.type === 'summary') assertSummary(read, name, line);
    if (family.type === 'counter') assert.ok(read.value >= 0, line);
    family.samples.push(read);
  }
  for (const { samples } of families.values()) assert.ok(samples.length > 0, `${name} has samples`);
  return families;
}

function assertSummary({ name, labels, value }: ReadSample, family: string, line: string): void {
  const quantile = labels['quantile'];
  assert.equal(quantile !== undefined, name === family, `${line}: quantiles have that label, and nothing else has`);
  if (quantile !== undefined) assert.ok(Number(quantile) >= 0 && Number(quantile) <= 1, line);
  else assert.ok(value >= 0 && (name.endsWith('_sum') || Number.isInteger(value)), line);
}

function readLabels(text: string, line: string): Readonly<Record<string, string>> {
  const labels: [string, string][] = [];
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? assert.fail(`${line}: no labels`);
    assert.ok(!labels.some(([other]) => other === name), `${line}: a label stands once`);
    labels.push([name, value.replace(/\\(.)/gs, (_, mark: string) => (mark === 'n' ? '\n' : mark))]);
  }
  return Object.fromEntries(labels);
}
