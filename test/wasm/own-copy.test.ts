/** A word that is kept of a guest's text keeps the word, and not the text. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from './components';

const TEXT_CHARACTERS = 4_000_000;
const TEXTS = 50;
const MIB = 2 ** 20;

/** MiB that are in use after `keep` kept something of each of many large texts. */
function keepingAll(module: string, keep: string): number {
  const path = join(REPOSITORY, 'dist', 'src', 'wasm', module);
  const script = `const used = require(${JSON.stringify(path)});
    const ignore = () => {};
    const kept = [];
    for (let i = 0; i < ${TEXTS}; i += 1) {
      const text = Buffer.alloc(${TEXT_CHARACTERS}, 'word number ' + i + ' ').toString('latin1');
      kept.push(${keep});
    }
    gc();
    const { heapUsed, external } = process.memoryUsage();
    console.log(heapUsed + external, kept.length);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return Number.parseInt(stdout, 10) / MIB;
}

/** All texts take 190 MiB. */
const MOST_MIB = 60;

describe('what is kept of a large text', () => {
  for (const [what, module, keep] of [
    ['as people are shown it', 'shown-text.js', 'used.shownText(text, 200)'],
    [
      'of what was printed without an end of line',
      'wasi/output-lines.js',
      '(() => { const lines = new used.OutputLines(ignore); lines.write("stderr", Buffer.from(text + "\\n" + text.slice(0, 100))); return lines; })()',
    ],
    ['as its own copy', 'own-copy.js', 'used.ownCopy(text.slice(0, 100))'],
  ] as const) {
    it(`${what} does not keep the whole`, { timeout: 120_000 }, () => {
      const used = keepingAll(module, keep);
      assert.ok(used < MOST_MIB, `${used} MiB`);
    });
  }
});
