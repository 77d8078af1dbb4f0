import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { HistoryFiles } from '../../src/readings/history-files';
import { HOUR_MS, MINUTE_MS, minuteOf } from '../../src/readings/hours';
import { MAX_FIELDS_PER_PLUGIN, MinuteHistory } from '../../src/readings/minute-history';
import { scratchFolder } from '../wasm/components';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

const START = '2026-11-24T15:10:00Z';
const ROOM = { node: 'pi4', plugin: 'dht22', sensorId: 'room', field: 'temperature' };

/** A history over one folder, as a runtime has it from its start to its end. */
class Run {
  readonly said: string[] = [];
  readonly history: MinuteHistory;
  readonly files: HistoryFiles;

  constructor(
    readonly dir: string,
    readonly clock: SetClock,
  ) {
    this.history = new MinuteHistory((text) => this.said.push(text), clock);
    this.files = new HistoryFiles(dir, this.history, (level, text) => this.said.push(`${level}: ${text}`));
  }

  static async loaded(dir: string, clock: SetClock): Promise<Run> {
    const run = new Run(dir, clock);
    await run.files.loaded;
    return run;
  }

  /** One value a minute, for so many minutes. */
  poll(...temperatures: readonly number[]): void {
    for (const temperature of temperatures) {
      this.history.add([readingOf({ values: { temperature } })]);
      this.clock.pass(MINUTE_MS);
    }
  }

  values(): readonly number[] {
    const minute = minuteOf(this.clock.now());
    return [...(this.history.find(ROOM)?.points(minute - 24 * 60 + 1, minute) ?? [])].map(({ mean }) => mean);
  }
}

function folder(t: TestContext): { readonly dir: string; readonly clock: SetClock } {
  return { dir: join(scratchFolder(t), 'history'), clock: new SetClock(START) };
}

const names = (dir: string) => (existsSync(dir) ? readdirSync(dir).sort() : []);

describe('the history over a restart', () => {
  it('is what it was, hour by hour, with units', async (t) => {
    const { dir, clock } = folder(t);
    const before = new Run(dir, clock);
    const values = Array.from({ length: 100 }, (_, at) => at + 0.5);
    before.poll(...values);
    await before.files.close();
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl', '2026-11-24T16.jsonl']);
    clock.pass(HOUR_MS);
    const after = await Run.loaded(dir, clock);
    assert.deepEqual(after.values(), values);
    assert.equal(after.history.find(ROOM)?.unit, '°C');
    assert.deepEqual([...before.said, ...after.said], []);
    await after.files.close();
  });

  it('goes on in the minute that both runs share', async (t) => {
    const { dir, clock } = folder(t);
    const before = new Run(dir, clock);
    before.history.add([readingOf({ values: { temperature: 10 } })]);
    await before.files.close();
    const after = new Run(dir, clock);
    after.history.add([readingOf({ values: { temperature: 20 } })]);
    await after.files.loaded;
    after.history.add([readingOf({ values: { temperature: 60 } })]);
    assert.deepEqual(after.values(), [30]);
    await after.files.close();
  });

  it('is still there when Node-RED starts in 1970 and hears the time later', async (t) => {
    const { dir, clock } = folder(t);
    const before = new Run(dir, clock);
    before.poll(1, 2, 3);
    await before.files.close();
    const restarted = new SetClock(20_000);
    const after = await Run.loaded(dir, restarted);
    after.poll(99);
    await after.files.save();
    restarted.set('2026-11-24T15:20Z');
    after.poll(4);
    await after.files.close();
    assert.deepEqual(after.values(), [1, 2, 3, 4]);
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl'], 'what was measured in 1970 is gone');
  });

  it('is that of one runtime where two share a folder, which is said', async (t) => {
    const { dir, clock } = folder(t);
    const first = new Run(dir, clock);
    const second = new Run(dir, clock);
    first.poll(1);
    second.poll(2);
    await second.files.close();
    assert.deepEqual(names(dir), []);
    assert.match(second.said.join(), /^warn: another wasi-runtime node keeps its history in /);
    await first.files.close();
    const next = await Run.loaded(dir, clock);
    assert.deepEqual(next.values(), [1]);
    assert.deepEqual([...first.said, ...next.said], []);
    await next.files.close();
  });
});

describe('an SD card', { timeout: 60_000 }, () => {
  it('is written a whole file at a time, for its owner alone, and only if something came', async (t) => {
    const { dir, clock } = folder(t);
    const run = await Run.loaded(dir, clock);
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
    for (let poll = 0; poll < 2; poll++) {
      history.add([readingOf()]);
      while (names(dir).length <= poll) await new Promise((resolve) => setTimeout(resolve, 5));
      clock.pass(HOUR_MS);
    }
    await files.close();
    assert.deepEqual(names(dir), ['2026-11-24T15.jsonl', '2026-11-24T16.jsonl']);
  });

  it('keeps no hour longer than a day', async (t) => {
    const { dir, clock } = folder(t);
    const run = await Run.loaded(dir, clock);
    for (let hour = 0; hour < 30; hour++) {
      run.history.add([readingOf()]);
      await run.files.save();
      clock.pass(HOUR_MS);
    }
    assert.equal(names(dir).length, 25);
    assert.equal(names(dir)[0], '2026-11-24T20.jsonl');
    await run.files.close();
    clock.pass(48 * HOUR_MS);
    const later = await Run.loaded(dir, clock);
    assert.deepEqual(names(dir), []);
    await later.files.close();
  });

  it('that cannot be written costs one warning and nothing else, until it can', async (t) => {
    const { dir, clock } = folder(t);
    const run = await Run.loaded(dir, clock);
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
    const next = await Run.loaded(dir, clock);
    assert.deepEqual(next.values(), [1, 2, 3]);
    await next.files.close();
  });
});

describe('a file that was not written here', () => {
  async function kept(t: TestContext) {
    const { dir, clock } = folder(t);
    const run = new Run(dir, clock);
    run.poll(...Array.from({ length: 60 }, (_, at) => at));
    await run.files.close();
    return { dir, clock, older: join(dir, '2026-11-24T15.jsonl'), newer: join(dir, '2026-11-24T16.jsonl') };
  }

  async function assertLeftOut(dir: string, clock: SetClock, why: RegExp, left: number): Promise<void> {
    const run = await Run.loaded(dir, clock);
    assert.equal(run.said.length, 1, run.said.join('\n'));
    assert.match(run.said[0] ?? '', why);
    assert.equal(run.values().length, left);
    await run.files.close();
  }

  const text = (path: string) => readFileSync(path, 'utf8');
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'is empty': (path) => truncateSync(path),
    'was cut off within a line': (path) => truncateSync(path, 200),
    'was cut off behind a line': (path) => writeFileSync(path, `${text(path).split('\n').slice(0, -2).join('\n')}\n`),
    'is of another hour': (path) => writeFileSync(path, text(path).replace('T15"', 'T14"')),
    'has no end of lines': (path) => writeFileSync(path, 'x'.repeat(100_000)),
    'has a minute 60': (path) => writeFileSync(path, text(path).replace('[59,', '[60,')),
    'has a mean beside its values': (path) => writeFileSync(path, text(path).replace('[10,0,0,0,1]', '[10,0,0,7,1]')),
    'has a value that is none': (path) => writeFileSync(path, text(path).replace('[10,0,0,0,1]', '[10,0,1e999,0,1]')),
    'is too large': (path) => truncateSync(path, 8 * 2 ** 20 + 1),
    'is a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    'is a link': (path) => {
      rmSync(path);
      symlinkSync('/dev/zero', path);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    it(`since it ${name} is left out as a whole, once said, and the others count`, async (t) => {
      const { dir, clock, older } = await kept(t);
      damage(older);
      await assertLeftOut(dir, clock, /^warn: of the history in .* some cannot be used \(2026-11-24T15\.jsonl: /, 10);
    });
  }

  it('is left where it is, named once beside all others', async (t) => {
    const { dir, clock, older, newer } = await kept(t);
    writeFileSync(older, 'no');
    writeFileSync(newer, 'no');
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    await assertLeftOut(dir, clock, /\(notes\.txt: .*, and 2 more\)/, 0);
    assert.equal(text(join(dir, 'notes.txt')), 'mine');
  });

  it('but half written by a run that was killed is removed', async (t) => {
    const { dir, clock } = await kept(t);
    writeFileSync(join(dir, '2026-11-24T16.jsonl.new'), '{"format"');
    const run = await Run.loaded(dir, clock);
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
    const run = await Run.loaded(dir, clock);
    assert.equal(run.history.fields({ sensor: 'up' }).length, MAX_FIELDS_PER_PLUGIN);
    await run.files.close();
  });
});

describe('reading and writing a full history', () => {
  it('gives way to other work again and again, and closing does not wait for all of it', async (t) => {
    const { dir, clock } = folder(t);
    const before = new Run(dir, clock);
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
    const after = await Run.loaded(dir, clock);
    clearInterval(counting);
    assert.ok(written > 25 && rounds > written + 25, `${written} and ${rounds - written} rounds`);
    assert.equal(after.history.fields().length, 512);
    await after.files.close();
    const ended = new Run(dir, clock);
    await ended.files.close();
    assert.ok(ended.history.fields().length === 0, 'nothing of it was read');
    assert.equal(names(dir).length, 25, 'and nothing of it was lost');
  });
});
