/** docs/security.md names the tests that hold its promises: they are there, under these titles, and it is in the package. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../wasm/components';

const text = (...path: string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');
const DOCUMENT = text('docs', 'security.md');

const rowsBelow = (heading: string): string[][] => {
  const [, after = ''] = DOCUMENT.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
};

describe('a promise of docs/security.md', () => {
  const promises = rowsBelow('What is promised');

  it('is one of a whole table', () => assert.ok(promises.length >= 20, `${promises.length} rows`));

  for (const [promise = '', heldBy = ''] of promises) {
    it(`(${promise}) is held by tests that exist, one of them in \`npm test\``, () => {
      assert.ok(
        heldBy.split('; `').some((held) => !held.includes('.slow.test.ts')),
        'all of them are slow',
      );
      for (const held of heldBy.split('; `')) {
        const [, file = ''] = /^`?(test\/[^`]+\.test\.ts)`: /.exec(held) ?? [];
        assert.ok(file !== '' && existsSync(join(REPOSITORY, file)), held);
        const titles = [...held.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title);
        assert.ok(titles.length > 0, held);
        const source = text(file);
        for (const title of titles) assert.ok(source.includes(title), `${file} has no test "${title}"`);
      }
    });
  }
});

describe('docs/security.md', () => {
  it('is linked from the README and delivered with the package', () => {
    assert.ok(text('README.md').includes('(docs/security.md)'));
    const { files }: { files: readonly string[] } = JSON.parse(text('package.json'));
    assert.ok(files.includes('docs/*.md'));
  });

  it('has every limit that host.toml can raise', () => {
    const keys = rowsBelow('Limits').map(([, , key]) => key);
    for (const key of ['deadline_ms', 'load_deadline_ms', 'memory_mb']) assert.ok(keys.includes(`\`${key}\``), key);
  });
});
