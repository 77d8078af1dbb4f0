/** What a file inside the kernel reports of its tests, and that half a line of it does no harm. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type InsideResult, readLines } from './job';

const REPORTER = join(__dirname, 'inside', 'reporter.js');
const RESULTS = 'results.jsonl';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'edge-wasi-job-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs a file of tests as run.ts does. */
function report(t: TestContext, body: string): InsideResult[] {
  const folder = folderFor(t);
  const file = join(folder, 'file.js');
  writeFileSync(file, `const { after, describe, it } = require('node:test');\n${body}`);
  const args = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${join(folder, RESULTS)}`, file];
  // Else Node.js reports to the runner of this very file.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  spawnSync(process.execPath, args, { env, stdio: 'ignore' });
  return readLines<InsideResult>(folder, RESULTS);
}

describe('what a file reports of its tests', () => {
  it('names them by their suites', (t) => {
    const results = report(t, "describe('a', () => { describe('b', () => it('c', () => {})); it('d', () => {}); });");
    assert.deepEqual(results, [
      { outcome: 'passed', name: 'a > b > c' },
      { outcome: 'passed', name: 'a > d' },
    ]);
  });

  it('holds the error of one that failed', (t) => {
    const [result, ...others] = report(t, "describe('a', () => it('b', () => { throw new Error('why'); }));");
    assert.ok(result?.outcome === 'failed');
    assert.equal(result.name, 'a > b');
    assert.match(result.message, /^Error: why\n/);
    assert.deepEqual(others, [], 'the suite is not counted beside its test');
  });

  it('holds the reason of one that was left out', (t) => {
    const results = report(t, "it('a', { skip: 'no such device' }, () => {});");
    assert.deepEqual(results, [{ outcome: 'skipped', name: 'a', reason: 'no such device' }]);
  });

  it('tells of a suite whose hook failed', (t) => {
    const results = report(t, "describe('a', () => { after(() => { throw new Error('why'); }); it('b', () => {}); });");
    assert.deepEqual(
      results.map(({ name, outcome }) => [name, outcome]),
      [
        ['a > b', 'passed'],
        ['a', 'failed'],
      ],
    );
  });
});

describe('lines that were being written when the writer was killed', () => {
  it('are read without the one that is not whole', (t) => {
    const folder = folderFor(t);
    writeFileSync(join(folder, RESULTS), '{"a":1}\n{"a":2}\n{"a"');
    assert.deepEqual(readLines(folder, RESULTS), [{ a: 1 }, { a: 2 }]);
  });

  it('are none where nothing was written', (t) => {
    assert.deepEqual(readLines(folderFor(t), RESULTS), []);
  });
});
