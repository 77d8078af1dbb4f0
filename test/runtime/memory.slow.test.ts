import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { fixture } from '../wasm/components';
import { userDirectory } from './test-runtime';

const run = promisify(execFile);

const LIMIT_MS = 300_000;
const WARM_UP = 50;
const RELOADS = 200;
/**
 * What the numbers of one process scatter by. A guest holds 18 MB of linear memory and 5 MB of glue: one that is kept
 * every hundredth reload is found.
 */
const HEAP_SLACK_BYTES = 3 * 2 ** 20;
const RSS_SLACK_BYTES = 48 * 2 ** 20;

interface Held {
  readonly reloads: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly workers: number;
}

describe('a plugin that is reloaded all day', () => {
  it('takes no more memory and no more threads after two hundred reloads than after fifty', async (t) => {
    const userDir = userDirectory(t);
    const files = ['counter_v1', 'counter_v2'].map((name) => {
      const file = join(userDir, `${name}.wasm`);
      copyFileSync(fixture(name), file);
      return file;
    });
    const args = ['--expose-gc', join(__dirname, 'reloading.js'), userDir, ...files, String(WARM_UP), String(RELOADS)];
    const { stdout } = await run(process.execPath, args, { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    const [warm, end]: Held[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(warm && end, stdout);
    t.diagnostic(stdout.trim());
    assert.equal(end.reloads, RELOADS);
    assert.equal(end.workers, warm.workers);
    const grown = (what: 'rss' | 'heapUsed' | 'external') => end[what] - warm[what];
    assert.ok(grown('heapUsed') < HEAP_SLACK_BYTES, `heap grew by ${grown('heapUsed')} bytes`);
    assert.ok(grown('external') < HEAP_SLACK_BYTES, `external memory grew by ${grown('external')} bytes`);
    assert.ok(grown('rss') < RSS_SLACK_BYTES, `RSS grew by ${grown('rss')} bytes`);
  });
});
