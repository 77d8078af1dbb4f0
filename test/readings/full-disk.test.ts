/** What a disk without room does to the history: a real one of 64 KB in memory, which only root may mount. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { HistoryFiles, WRITE_EVERY_MS } from '../../src/readings/history-files';
import { MINUTE_MS } from '../../src/readings/hours';
import { MinuteHistory } from '../../src/readings/minute-history';
import { ToldReport } from '../platform/told-report';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

/** undefined where it may not be had. */
function smallDisk(t: TestContext): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'wasi-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]);
  t.after(() => {
    if (status === 0) spawnSync('umount', [dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return status === 0 ? dir : undefined;
}

describe('a full disk', () => {
  it('costs one warning: what was written before stays whole, no half file takes the rest, and it goes on', async (t) => {
    const disk = smallDisk(t);
    if (disk === undefined) {
      t.skip('a small disk cannot be mounted here (root, on Linux)');
      return;
    }
    const dir = join(disk, 'history');
    const clock = new SetClock('2026-11-24T15:10Z');
    const history = new MinuteHistory((text) => assert.fail(text), clock);
    const said: string[] = [];
    const report = new ToldReport();
    const say = (level: string, text: string) => said.push(`${level}: ${text}`);
    const files = new HistoryFiles(dir, history, say, WRITE_EVERY_MS, report);
    void files.open();
    const add = (fields: number) => {
      history.add([
        readingOf({ values: Object.fromEntries(Array.from({ length: fields }, (_, at) => [`f${at}`, at])) }),
      ]);
      clock.pass(MINUTE_MS);
    };
    const path = join(dir, '2026-11-24T15.jsonl');
    add(3);
    await files.save();
    const whole = readFileSync(path, 'utf8');
    writeFileSync(join(disk, 'full'), 'x'.repeat(56_000));
    for (let poll = 0; poll < 3; poll++) {
      add(100);
      await files.save();
    }
    assert.equal(readFileSync(path, 'utf8'), whole);
    assert.deepEqual(readdirSync(dir), ['2026-11-24T15.jsonl']);
    assert.deepEqual(report.told, ['written', 'failed ENOSPC']);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^warn: .*ENOSPC.* make room/);
    rmSync(join(disk, 'full'));
    await files.close();
    assert.equal(report.told.at(-1), 'written');
    assert.match(said[1] ?? '', /^info: the history is written to .* again$/);
    assert.ok(readFileSync(path, 'utf8').length > 5 * whole.length);
  });
});
