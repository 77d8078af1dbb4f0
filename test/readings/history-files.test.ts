import assert from 'node:assert/strict';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { HistoryFiles } from '../../src/readings/history-files';
import { HOUR_MS, MINUTE_MS } from '../../src/readings/hours';
import { MAX_FIELDS_PER_PLUGIN, MinuteHistory } from '../../src/readings/minute-history';
import { SETTLED_AFTER_MS } from '../../src/readings/settled-clock';
import { until } from '../support/until';
import { folder, HistoryRun, names, ROOM } from './history-run';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

describe('the history over a restart', () => {
  it('is what it was, hour by hour, with units', async (t) => {
    const { dir, clock } = folder(t);
    const before = new HistoryRun(dir, clock);
    const values = Array.from({ length: 100 }, (_, at) => at + 0.5);
    before.poll(...values);
    await before.files.close();
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl', '2026-11-24T16.jsonl']);
    clock.pass(HOUR_MS);
    const after = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(after.values(), values);
    assert.equal(after.history.find(ROOM)?.unit, '°C');
    assert.deepEqual([...before.said, ...after.said], []);
    await after.files.close();
  });

  for (const when of ['before', 'after'] as const) {
    it(`goes on in the minute that both runs share, polled ${when} it was read`, async (t) => {
      const { dir, clock } = folder(t);
      const before = new HistoryRun(dir, clock);
      before.history.add([readingOf({ values: { temperature: 10 } })]);
      await before.files.close();
      const after = new HistoryRun(dir, clock);
      if (when === 'after') await after.files.loaded;
      after.history.add([readingOf({ values: { temperature: 20 } })]);
      await after.files.loaded;
      after.history.add([readingOf({ values: { temperature: 60 } })]);
      assert.deepEqual(after.values(), [30]);
      await after.files.close();
    });
  }

  it('is not overwritten by a run that ends before it has read it', async (t) => {
    const { dir, clock } = folder(t);
    const before = new HistoryRun(dir, clock);
    before.poll(1, 2, 3);
    await before.files.close();
    const hasty = new HistoryRun(dir, clock);
    hasty.poll(99);
    await hasty.files.close();
    const after = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(after.values(), [1, 2, 3]);
    await after.files.close();
  });

  it('is still there when Node-RED starts in 1970 and hears the time later', async (t) => {
    const { dir, clock } = folder(t);
    const before = new HistoryRun(dir, clock);
    before.poll(1, 2, 3);
    await before.files.close();
    const restarted = new SetClock(20_000);
    const after = await HistoryRun.loaded(dir, restarted);
    after.poll(99);
    await after.files.save();
    restarted.set('2026-11-24T15:20Z');
    after.poll(4);
    assert.deepEqual(after.values(), [1, 2, 3, 4]);
    restarted.pass(SETTLED_AFTER_MS);
    after.poll(5);
    await after.files.close();
    assert.deepEqual(after.values(), [1, 2, 3, 4, 5]);
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl'], 'what was measured in 1970 is gone');
  });

  it('is that of one runtime where two share a folder, which is said', async (t) => {
    const { dir, clock } = folder(t);
    const first = new HistoryRun(dir, clock);
    const second = new HistoryRun(dir, clock);
    first.poll(1);
    second.poll(2);
    await second.files.close();
    assert.deepEqual(names(dir), []);
    assert.match(second.said.join(), /^warn: another wasi-runtime node keeps its history in /);
    await first.files.close();
    const next = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(next.values(), [1]);
    assert.deepEqual([...first.said, ...next.said], []);
    await next.files.close();
  });
});

describe('an SD card', { timeout: 60_000 }, () => {
  it('is written a whole file at a time, for its owner alone, and only if something came', async (t) => {
    const { dir, clock } = folder(t);
    const run = await HistoryRun.loaded(dir, clock);
    await run.files.save();
    assert.deepEqual(names(dir), []);
    run.poll(1);
    await run.files.save();
    const path = join(dir, '2026-11-24T15.jsonl');
    const first = statSync(path);
    assert.equal(first.mode & 0o777, 0o600);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    await run.files.save();
    assert.equal(statSync(path).ino, first.ino, 'nothing came');
    run.poll(2);
    await run.files.close();
    assert.notEqual(statSync(path).ino, first.ino, 'renamed over');
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl']);
  });

  it('is written from time to time without being asked, so that a power cut costs little', async (t) => {
    const { dir, clock } = folder(t);
    const history = new MinuteHistory((text) => assert.fail(text), clock);
    const files = new HistoryFiles(dir, history, (_, text) => assert.fail(text), 20);
    void files.open();
    for (let poll = 0; poll < 2; poll++) {
      history.add([readingOf()]);
      await until(() => names(dir).length > poll);
      clock.pass(HOUR_MS);
    }
    await files.close();
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl', '2026-11-24T16.jsonl']);
  });

  it('keeps no hour longer than a day', async (t) => {
    const { dir, clock } = folder(t);
    const run = await HistoryRun.loaded(dir, clock);
    for (let hour = 0; hour < 30; hour++) {
      run.history.add([readingOf()]);
      await run.files.save();
      clock.pass(HOUR_MS);
    }
    assert.equal(names(dir).length, 25);
    assert.equal(names(dir)[0], '2026-11-24T20.jsonl');
    await run.files.close();
    clock.pass(48 * HOUR_MS);
    const later = await HistoryRun.loaded(dir, clock);
    assert.equal(names(dir).length, 24, 'the clock may have jumped there');
    clock.pass(SETTLED_AFTER_MS);
    for (const left of [22, 20, 18]) {
      await later.files.save();
      assert.equal(names(dir).length, left, 'two at a time');
    }
    await later.files.close();
  });

  it('loses nothing to a clock that is in 2099 for some seconds, or for an hour', async (t) => {
    const { dir, clock } = folder(t);
    const run = await HistoryRun.loaded(dir, clock);
    run.poll(...Array.from({ length: 300 }, (_, at) => at));
    await run.files.save();
    const before = run.values();
    const files = names(dir);
    const back = new Date(clock.now()).toISOString();
    clock.set('2099-01-01T00:00Z');
    run.poll(99);
    await run.files.save();
    clock.set(back);
    run.poll(300);
    await run.files.save();
    assert.deepEqual(run.values(), [...before, 300]);
    assert.deepEqual(names(dir), [...files, '2099-01-01T00.jsonl']);
    // It is believed by then, and the hours before are in files alone.
    clock.set('2099-01-01T00:00Z');
    for (let minute = 0; minute < 61; minute += 1) run.poll(99);
    await run.files.save();
    assert.equal(run.values().filter((value) => value !== 99).length, 0);
    clock.set(back);
    run.poll(300);
    await run.files.save();
    const lost = files.length - names(dir).filter((name) => files.includes(name)).length;
    assert.equal(lost, 2, 'two at a time');
    assert.deepEqual(run.values(), before.slice(before.length + 1 - run.values().length).concat(300));
    await run.files.close();
    const after = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(after.values(), run.values());
    await after.files.close();
  });

  it('whose folder cannot be listed for a while loses and doubles nothing', async (t) => {
    const { dir, clock } = folder(t);
    const before = new HistoryRun(dir, clock);
    before.poll(1, 2, 3);
    await before.files.close();
    const listing = t.mock.method(promises, 'readdir', () => Promise.reject(new Error('EIO')));
    const run = await HistoryRun.loaded(dir, clock);
    run.poll(4);
    await run.files.save();
    clock.pass(HOUR_MS);
    run.poll(5);
    await run.files.save();
    listing.mock.restore();
    run.poll(6);
    await run.files.save();
    const counts = () => [...(run.history.find(ROOM)?.points(0, 1e9) ?? [])].map(({ count }) => count);
    assert.deepEqual(
      [run.values(), counts()],
      [
        [1, 2, 3, 4, 5, 6],
        [1, 1, 1, 1, 1, 1],
      ],
    );
    await run.files.close();
    const after = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(after.values(), [1, 2, 3, 4, 5, 6]);
    await after.files.close();
  });

  it('that cannot be written costs one warning and nothing else, until it can', async (t) => {
    const { dir, clock } = folder(t);
    const run = await HistoryRun.loaded(dir, clock);
    writeFileSync(dir, 'a file where the folder should be');
    for (const value of [1, 2, 3]) {
      run.poll(value);
      await run.files.save();
    }
    assert.equal(run.said.length, 1);
    assert.match(run.said[0] ?? '', /^warn: the history could not be written to .*(ENOTDIR|EEXIST)/);
    assert.deepEqual(run.values(), [1, 2, 3]);
    rmSync(dir);
    await run.files.save();
    assert.match(run.said[1] ?? '', /^info: .* again$/);
    await run.files.close();
    const next = await HistoryRun.loaded(dir, clock);
    assert.deepEqual(next.values(), [1, 2, 3]);
    await next.files.close();
  });
});

describe('reading and writing a full history', () => {
  it('gives way to other work again and again, and closing does not wait for all of it', async (t) => {
    const { dir, clock } = folder(t);
    const before = new HistoryRun(dir, clock);
    const values = Object.fromEntries(Array.from({ length: MAX_FIELDS_PER_PLUGIN }, (_, at) => [`f${at}`, at / 7]));
    const plugins = ['a', 'b', 'c', 'd'].map((plugin) => readingOf({ plugin, values }));
    for (let minute = 0; minute < 24 * 60; minute++) {
      before.history.add(plugins);
      clock.pass(MINUTE_MS);
    }
    let rounds = 0;
    const counting = setInterval(() => {
      rounds += 1;
    }, 0);
    await before.files.close();
    const written = rounds;
    const after = await HistoryRun.loaded(dir, clock);
    clearInterval(counting);
    assert.ok(written > 25 && rounds > written + 25, `${written} and ${rounds - written} rounds`);
    assert.equal(after.history.fields().length, 512);
    await after.files.close();
    const ended = new HistoryRun(dir, clock);
    await ended.files.close();
    assert.ok(ended.history.fields().length === 0, 'nothing of it was read');
    assert.equal(names(dir).length, 25, 'and nothing of it was lost');
  });
});
