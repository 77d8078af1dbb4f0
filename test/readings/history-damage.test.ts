import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MAX_FIELDS_PER_PLUGIN } from '../../src/readings/minute-history';
import { folder, HistoryRun, names } from './history-run';
import type { SetClock } from './set-clock';

describe('a file that was not written here', () => {
  async function kept(t: TestContext) {
    const { dir, clock } = folder(t);
    const run = new HistoryRun(dir, clock);
    run.poll(...Array.from({ length: 60 }, (_, at) => at));
    await run.files.close();
    return { dir, clock, older: join(dir, '2026-11-24T15.jsonl'), newer: join(dir, '2026-11-24T16.jsonl') };
  }

  async function assertLeftOut(dir: string, clock: SetClock, why: string, left: number): Promise<void> {
    const run = await HistoryRun.loaded(dir, clock);
    assert.equal(run.said.length, 1, run.said.join('\n'));
    assert.match(run.said[0] ?? '', /^warn: of the history in .* some cannot be used/);
    assert.ok(run.said[0]?.includes(why), run.said[0]);
    assert.equal(run.values().length, left);
    await run.files.close();
  }

  const text = (path: string) => readFileSync(path, 'utf8');
  /** What is said of it, and how it is made. */
  const damages: Readonly<Record<string, readonly [string, (path: string) => void]>> = {
    'is empty': ['its end is missing', (path) => truncateSync(path)],
    'was cut off within a line': ['its end is missing', (path) => truncateSync(path, 200)],
    'was cut off behind a line': [
      'its end is missing',
      (path) => writeFileSync(path, `${text(path).split('\n').slice(0, -2).join('\n')}\n`),
    ],
    'lost a line': [
      'its end is missing',
      (path) =>
        writeFileSync(
          path,
          text(path)
            .split('\n')
            .filter((_, at) => at !== 1)
            .join('\n'),
        ),
    ],
    'is of another hour': [
      'it does not begin as one of this hour',
      (path) => writeFileSync(path, text(path).replace('T15"', 'T14"')),
    ],
    'has no end of lines': ['it is damaged', (path) => writeFileSync(path, 'x'.repeat(100_000))],
    'has a minute 60': ['it is damaged', (path) => writeFileSync(path, text(path).replace('[59,', '[60,'))],
    'is too large': ['it is larger than 8388608 bytes', (path) => truncateSync(path, 8 * 2 ** 20 + 1)],
    'is a folder': [
      'it is no file',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    'is a link': [
      'it is no file',
      (path) => {
        rmSync(path);
        symlinkSync('/dev/zero', path);
      },
    ],
    ...Object.fromEntries(
      ['[10,0,0,7,1]', '[10,0,1e999,0,1]', '[10,0,0,0,0]', '[10,0,0,0,1.5]', '[10,0,0,0]', '"10"'].map((minute) => [
        `has ${minute} for a minute`,
        ['it is damaged', (path: string) => writeFileSync(path, text(path).replace('[10,0,0,0,1]', minute))],
      ]),
    ),
  };
  for (const [name, [reason, damage]] of Object.entries(damages)) {
    it(`since it ${name} is left out as a whole, once said, and the others count`, async (t) => {
      const { dir, clock, older } = await kept(t);
      damage(older);
      await assertLeftOut(dir, clock, `(2026-11-24T15.jsonl: ${reason})`, 10);
    });
  }

  it('is left where it is, named once beside all others', async (t) => {
    const { dir, clock, older, newer } = await kept(t);
    writeFileSync(older, 'no');
    writeFileSync(newer, 'no');
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    await assertLeftOut(dir, clock, '(notes.txt: it is none of these files, and 2 more)', 0);
    assert.equal(text(join(dir, 'notes.txt')), 'mine');
  });

  it('but half written by a run that was killed is removed', async (t) => {
    const { dir, clock } = await kept(t);
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(dir, `.2026-11-24T16.jsonl.${ended}.0123456789ab.new`), '{"format"');
    const run = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(run.said, []);
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl', '2026-11-24T16.jsonl']);
    await run.files.close();
  });

  it('brings no more fields into memory than a plugin may have', async (t) => {
    const { dir, clock, older } = await kept(t);
    const [head = ''] = text(older).split('\n');
    const fields = Array.from({ length: 1_000 }, (_, at) =>
      JSON.stringify({ place: ['pi4', 'made', 'up', `${at}`], minutes: [[30, 1, 1, 1, 1]] }),
    );
    writeFileSync(older, `${[head, ...fields, '{"fields":1000}'].join('\n')}\n`);
    const run = await HistoryRun.loaded(dir, clock);
    assert.equal(run.history.fields({ sensor: 'up' }).length, MAX_FIELDS_PER_PLUGIN);
    await run.files.close();
  });
});
