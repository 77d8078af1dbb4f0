/** An hour of history whose file cannot be read for a while: an input/output error of a real file, as of a dying card. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folder, HistoryRun, names } from '../readings/history-run';

const HOUR = '2026-11-24T15.jsonl';
const MORE = '2026-11-24T15.more.jsonl';

describe('an hour that cannot be read for now', () => {
  it('is not replaced; what comes meanwhile lies beside it, over a restart too, and both become one', async (t) => {
    const { dir, clock } = folder(t);
    const path = join(dir, HOUR);
    const before = new HistoryRun(dir, clock);
    before.poll(1, 2, 3);
    await before.files.close();
    const text = readFileSync(path, 'utf8');
    // Reading the memory of a process at 0, where it has none, is EIO (proc(5)).
    const { status, stderr } = spawnSync('mount', ['--bind', `/proc/${process.pid}/mem`, path], { encoding: 'utf8' });
    if (status !== 0) return t.skip(`nothing can be mounted here: ${stderr}`);
    try {
      for (const value of [4, 5]) {
        const run = await HistoryRun.loaded(dir, clock);
        assert.match(run.said.join(), /2026-11-24T15\.jsonl: EIO/);
        run.poll(value);
        await run.files.close();
        assert.deepEqual(names(dir), [HOUR, MORE]);
      }
    } finally {
      execFileSync('umount', [path]);
    }
    assert.equal(readFileSync(path, 'utf8'), text);
    const run = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(run.values(), [1, 2, 3, 4, 5]);
    run.poll(6);
    await run.files.close();
    assert.deepEqual(names(dir), [HOUR]);
    const after = await HistoryRun.loaded(dir, clock);
    assert.deepEqual([after.values(), after.said], [[1, 2, 3, 4, 5, 6], []]);
    await after.files.close();
  });

  it('is read again while Node-RED runs', async (t) => {
    const { dir, clock } = folder(t);
    const path = join(dir, HOUR);
    const before = new HistoryRun(dir, clock);
    before.poll(1, 2, 3);
    await before.files.close();
    const { status, stderr } = spawnSync('mount', ['--bind', `/proc/${process.pid}/mem`, path], { encoding: 'utf8' });
    if (status !== 0) return t.skip(`nothing can be mounted here: ${stderr}`);
    const run = await HistoryRun.loaded(dir, clock);
    try {
      run.poll(4);
      await run.files.save();
      assert.deepEqual(names(dir), [HOUR, MORE]);
    } finally {
      execFileSync('umount', [path]);
    }
    run.poll(5);
    await run.files.save();
    assert.deepEqual(run.values(), [1, 2, 3, 4, 5]);
    assert.deepEqual(names(dir), [HOUR]);
    await run.files.close();
  });
});
