/** docs/history.md says what the code does: bounds, addresses, the form of the CSV, and how much an SD card is written. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CSV_HEAD } from '../../src/dashboard/csv';
import { HistoryFiles, WRITE_EVERY_MS } from '../../src/readings/history-files';
import { HOUR_MS, KEPT_HOURS, MINUTE_MS } from '../../src/readings/hours';
import { MAX_FIELDS, MAX_FIELDS_PER_PLUGIN, MinuteHistory, SILENT_MS } from '../../src/readings/minute-history';
import { HISTORY_READINGS } from '../../src/readings/readings-store';
import { readingOf } from '../readings/reading-of';
import { SetClock } from '../readings/set-clock';
import { REPOSITORY, scratchFolder } from '../wasm/components';

const text = (...path: string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');
const DOCUMENT = text('docs', 'history.md').replaceAll(/\s+/g, ' ');
const MB = 1_000_000;

function says(...sentences: readonly string[]): void {
  for (const sentence of sentences) assert.ok(DOCUMENT.includes(sentence), sentence);
}

describe('docs/history.md', () => {
  it('names the bounds that hold', () => {
    says(
      `the last ${HISTORY_READINGS} readings of each sensor`,
      `| ${KEPT_HOURS} hours |`,
      `At most ${MAX_FIELDS} numbers in all`,
      `at most ${MAX_FIELDS_PER_PLUGIN} of one plugin`,
      `within the last ${SILENT_MS / MINUTE_MS} minutes`,
      `written every ${WRITE_EVERY_MS / MINUTE_MS} minutes`,
    );
  });

  it('shows the CSV as it is', () => says(CSV_HEAD.trim()));

  it('tells how much an SD card is written a day with twelve numbers, and in how many writes', async (t) => {
    const dir = scratchFolder(t);
    // Node-RED starts when it likes: the quarters of its timer are none of the clock's.
    const clock = new SetClock('2026-11-24T00:07:00Z');
    const history = new MinuteHistory((said) => assert.fail(said), clock);
    const files = new HistoryFiles(dir, history, (_, said) => assert.fail(said));
    void files.open();
    let bytes = 0;
    let writes = 0;
    const seen = new Map<string, number>();
    const save = async () => {
      await files.save();
      for (const name of readdirSync(dir)) {
        const { ino, size } = statSync(join(dir, name));
        if (seen.get(name) === ino) continue;
        seen.set(name, ino);
        bytes += size;
        writes += 1;
      }
    };
    for (let ms = 0; ms < KEPT_HOURS * HOUR_MS; ms += MINUTE_MS) {
      for (let poll = 0; poll < 2; poll++) history.add([readingOf({ values: twelve(ms + poll) })]);
      clock.pass(MINUTE_MS);
      if ((ms + MINUTE_MS) % WRITE_EVERY_MS === 0) await save();
    }
    await files.close();
    const [, megabytes, said] = /is ([\d.]+) MB a day in (\d+) writes/.exec(DOCUMENT) ?? [];
    assert.ok(Math.abs(bytes / MB / Number(megabytes) - 1) < 0.1, `${bytes / MB} MB`);
    t.diagnostic(`${bytes / MB} MB in ${writes} writes`);
    assert.ok(writes <= Number(said) && writes > Number(said) / 2, `${writes} writes`);
  });

  it('has the address of the metrics and labels that they have', () => {
    const metrics = ['metrics.ts', 'cluster-metrics.ts'].map((file) => text('src', 'dashboard', file)).join('');
    const named = text('docs', 'history.md').match(/\bwasi_[a-z_]+/g) ?? [];
    assert.ok(named.length > 5);
    for (const name of named)
      assert.ok(metrics.includes(`'${name.replace(/_total$/, '')}'`) || metrics.includes(name), name);
  });

  it('is delivered with the package', () => {
    const { files }: { files: readonly string[] } = JSON.parse(text('package.json'));
    assert.ok(files.includes('docs/*.md'));
  });
});

/** Numbers that have two decimals and move, as those of sensors do. */
function twelve(seed: number): Record<string, number> {
  const value = (at: number) => Math.round(100 * (20 + at + Math.sin(seed / HOUR_MS + at))) / 100;
  return Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`number${at}`, value(at) + (seed % 2) / 100]));
}
