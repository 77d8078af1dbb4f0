/** docs/metrics.md lists every metric that there is, with its type and its labels, and none besides. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MAX_SERIES_PER_PLUGIN } from '../../src/dashboard/series-limit';
import { everyMetric } from '../dashboard/every-metric';
import { readOpenMetrics } from '../dashboard/exposition-check';
import { metricsAnswer } from '../dashboard/whole';
import { REPOSITORY } from '../wasm/components';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0';
const DOCUMENT = readFileSync(join(REPOSITORY, 'docs', 'metrics.md'), 'utf8');
const ROW = /^\| `(wasi_[a-z_]+)` \| (\w+) \|([^|]*)\|/gm;

describe('docs/metrics.md', () => {
  it('has every metric with its type and its labels', () => {
    const documented = [...DOCUMENT.matchAll(ROW)].map(([, name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
    }));
    const families = readOpenMetrics(metricsAnswer(everyMetric('plain'), OPEN_METRICS).body);
    const real = [...families.values()].map(({ name, type, samples }) => ({
      name: type === 'summary' ? name : (samples[0]?.name ?? name),
      type,
      labels: [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))].sort(),
    }));
    assert.deepEqual(documented, real);
  });

  it('has no name in its expressions that is not in its table', () => {
    const listed = [...DOCUMENT.matchAll(ROW)].map(([, name = '']) => name);
    for (const [name] of DOCUMENT.matchAll(/\bwasi_[a-z_]+/g))
      assert.ok(listed.includes(name.replace(/_(?:sum|count)$/, '')), name);
  });

  it('says how many series a plugin may have', () => {
    assert.ok(DOCUMENT.includes(`at most ${MAX_SERIES_PER_PLUGIN} series`));
  });
});
