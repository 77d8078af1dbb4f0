/** The plugin to start from: what README shows and what the package ships are one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../wasm/components';

const CLOCK = join(REPOSITORY, 'docs', 'clock');

function text(...path: string[]): string {
  return readFileSync(join(REPOSITORY, ...path), 'utf8');
}

function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, block]) =>
    kind === language && block !== undefined ? [block] : [],
  );
}

describe('the plugin to start from', () => {
  it('is the one of README', () => {
    assert.deepEqual(blocksOf(text('README.md'), 'python'), [readFileSync(join(CLOCK, 'app.py'), 'utf8')]);
  });

  it('is built by the command of README', () => {
    const command = /^componentize-py .*$/m;
    const [shown] = command.exec(text('README.md')) ?? [];
    const [run] = command.exec(readFileSync(join(CLOCK, 'build.sh'), 'utf8')) ?? [];
    assert.equal(run?.replace('"$wit"', 'WIT'), shown?.replace(/-d \S+/, '-d WIT'));
  });
});
