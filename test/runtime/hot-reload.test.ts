import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { promise } from '../support/promise';
import { bytesOf, fixture } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const COUNTER = `${NONE_BUNDLED}[plugins.counter]\n`;
const run = promisify(execFile);

async function openCounter(t: TestContext): Promise<TestRuntime> {
  const host = await TestRuntime.open(t, COUNTER, { counter: 'counter_v1' });
  assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  return host;
}

/** In another process, so that this one can poll meanwhile. */
async function copyInPieces(host: TestRuntime, guest: string, pieces: number, pauseMs: number): Promise<void> {
  const args = [join(__dirname, 'copier.js'), fixture(guest), host.file('counter'), String(pieces), String(pauseMs)];
  await run(process.execPath, args);
}

interface Answer {
  readonly count: number;
  readonly version: number;
}

function answerIn({ count, version }: Readonly<Record<string, number | string>>): Answer {
  return { count: Number(count), version: Number(version) };
}

/** Polls without any pause would keep both processors from what looks at the new file and prepares it. */
const POLL_EVERY_MS = 2;
const COPIES = 8;

/** Polls until `done` has settled; none may fail. */
async function pollWhile(host: TestRuntime, done: Promise<void>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let going = true;
  const end = done.finally(() => {
    going = false;
  });
  while (going) {
    answers.push(answerIn(await host.poll('counter')));
    await delay(POLL_EVERY_MS);
  }
  await end;
  return answers;
}

/** Polls until the build has taken over: its first answer. */
async function firstOf(host: TestRuntime, version: number): Promise<Answer> {
  for (;;) {
    const answer = answerIn(await host.poll('counter'));
    if (answer.version === version) return answer;
    await delay(POLL_EVERY_MS);
  }
}

/** Polls until what the plugin's file is now was looked at and tried. */
async function tried(host: TestRuntime, over: () => boolean): Promise<number> {
  for (;;) {
    const { count, version } = answerIn(await host.poll('counter'));
    assert.equal(version, 1);
    if (over()) return count;
    await delay(POLL_EVERY_MS);
  }
}

/** Each instance counts from 1: a poll that was lost, doubled or answered by two would break its row. */
function instancesIn(answers: readonly Answer[], before: Answer): number[] {
  const versions: number[] = [];
  let last = before;
  for (const answer of answers) {
    const goesOn = answer.version === last.version && answer.count === last.count + 1;
    assert.ok(goesOn || answer.count === 1, `${JSON.stringify(answer)} after ${JSON.stringify(last)}`);
    if (!goesOn) versions.push(answer.version);
    last = answer;
  }
  return versions;
}

describe('a file copied over a running plugin', () => {
  promise('is what polls run as soon as it is ready, with fresh state', async (t) => {
    const host = await openCounter(t);
    host.copyIn('counter', 'counter_v2');
    assert.deepEqual(await firstOf(host, 2), { count: 1, version: 2 });
    assert.deepEqual(await host.poll('counter'), { count: 2, version: 2 });
    // Said when the thread of the old one has ended.
    await host.until(() => host.logged('info', /a new file took over/).length === 1);
  });

  promise('is taken over between two polls when it was renamed over the old one', async (t) => {
    const host = await openCounter(t);
    host.renameIn('counter', bytesOf(fixture('counter_v2')));
    assert.deepEqual(await firstOf(host, 2), { count: 1, version: 2 });
  });

  promise('is started before anybody polls again', async (t) => {
    const host = await openCounter(t);
    host.copyIn('counter', 'counter_v2');
    await host.until(() => host.logged('info', /a new file took over/).length === 1);
    assert.equal(host.plugin('counter').polls, 1);
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 2 });
  });

  promise('while another one is being started takes over after that', async (t) => {
    const host = await openCounter(t);
    host.renameIn('counter', bytesOf(fixture('counter_v2')));
    await host.until(() => host.plugin('counter').state === 'reloading');
    host.renameIn('counter', bytesOf(fixture('counter_kept_v1')));
    // The old one has counted further than 1; whether the one between them was read at all is a matter of chance.
    while (!isDeepStrictEqual(answerIn(await host.poll('counter')), { count: 1, version: 1 }))
      await delay(POLL_EVERY_MS);
    assert.deepEqual(await host.poll('counter'), { count: 2, version: 1 });
    await host.until(() => host.plugin('counter').state === 'ready');
    assert.match(host.logged('info', /took over/).join('\n'), /^(?:a new file took over\n?){1,2}$/);
  });

  promise('with the same bytes changes nothing: the plugin keeps its state', async (t) => {
    const host = await openCounter(t);
    host.copyIn('counter', 'counter_v1');
    assert.deepEqual(await host.poll('counter'), { count: 2, version: 1 });
    assert.deepEqual(host.logged('info', /took over/), []);
  });

  promise('in slow pieces leaves the old one answering every poll until it is whole', async (t) => {
    const host = await openCounter(t);
    const answers = await pollWhile(host, copyInPieces(host, 'counter_v2', 12, 80));
    while (answers.at(-1)?.version !== 2) {
      answers.push(answerIn(await host.poll('counter')));
      await delay(POLL_EVERY_MS);
    }
    assert.deepEqual(instancesIn(answers, { count: 1, version: 1 }), [2]);
    assert.ok(answers.length > 2, `${answers.length} polls during the copy`);
    assert.deepEqual(host.logged('warn', /./), []);
    assert.deepEqual(host.logged('error', /./), []);
  });

  promise('eight times, while polls never stop, loses and doubles none of them', async (t) => {
    const host = await openCounter(t);
    const all: Answer[] = [];
    for (let copy = 1; copy <= COPIES; copy += 1) {
      const version = copy % 2 === 1 ? 2 : 1;
      all.push(...(await pollWhile(host, copyInPieces(host, `counter_v${version}`, 4, 5))));
      while (all.at(-1)?.version !== version) {
        all.push(answerIn(await host.poll('counter')));
        await delay(POLL_EVERY_MS);
      }
    }
    const versions = instancesIn(all, { count: 1, version: 1 });
    assert.deepEqual(
      versions,
      Array.from({ length: COPIES }, (_, i) => (i % 2 === 0 ? 2 : 1)),
    );
    const { polls, failures } = host.plugin('counter');
    assert.deepEqual({ polls, failures }, { polls: all.length + 1, failures: 0 });
  });
});

/** As far ahead as counts as now, so that a slow machine has time for its poll. */
const JUST_NOW = () => new Date(Date.now() + 1_500);
const LONG_AGO = new Date(Date.now() - 3_600_000);

describe('a file that cannot be used', () => {
  const whole = bytesOf(fixture('counter_v2'));
  const flipped = whole.slice();
  flipped.fill(0xff, 64, 96);
  const broken: readonly (readonly [string, Uint8Array])[] = [
    ['empty', new Uint8Array()],
    ['a text', Buffer.from('not found\n')],
    ['truncated', whole.subarray(0, whole.length - 1)],
    ['half of a component', whole.subarray(0, whole.length / 2)],
    ['damaged inside', flipped],
  ];
  for (const [what, bytes] of broken) {
    promise(`(${what}) leaves the old one running, says so once, and a good file puts it right`, async (t) => {
      const host = await openCounter(t);
      host.renameIn('counter', bytes, LONG_AGO);
      const count = await tried(host, () => host.logged('warn', /./).length > 0);
      for (let poll = 1; poll <= 3; poll += 1)
        assert.deepEqual(await host.poll('counter'), { count: count + poll, version: 1 });
      const said = host.logged('warn', /./);
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0] ?? '', /the old one goes on. PLUGIN_INVALID: counter: /);
      host.copyIn('counter', 'counter_v2');
      assert.deepEqual(await firstOf(host, 2), { count: 1, version: 2 });
    });
  }

  promise(
    '(written just now) may still be copied: it is tried again, and said only when it stays as it is',
    async (t) => {
      const host = await openCounter(t);
      let attempts = 0;
      const stop = host.runtime.subscribe((event) => {
        if (event.kind === 'plugin' && event.summary.state === 'reloading') attempts += 1;
      });
      host.renameIn('counter', whole.subarray(0, whole.length / 4), JUST_NOW());
      await tried(host, () => attempts > 1);
      stop();
      assert.deepEqual(host.logged('warn', /./), []);
      host.renameIn('counter', whole.subarray(0, whole.length / 2), LONG_AGO);
      await tried(host, () => host.logged('warn', /./).length > 0);
      assert.equal(host.logged('warn', /the old one goes on/).length, 1);
    },
  );

  promise('(dated ahead of this clock) is said at once, not tried at every poll for ever', async (t) => {
    const host = await openCounter(t);
    host.renameIn('counter', whole.subarray(0, whole.length / 4), new Date(Date.now() + 3_600_000));
    const count = await tried(host, () => host.logged('warn', /./).length > 0);
    assert.deepEqual(await host.poll('counter'), { count: count + 1, version: 1 });
    assert.equal(host.logged('warn', /the old one goes on/).length, 1);
  });

  promise('(gone) leaves the old one running, says so once, and a new file is taken', async (t) => {
    const host = await openCounter(t);
    rmSync(host.file('counter'));
    const count = await tried(host, () => host.logged('warn', /./).length > 0);
    for (let poll = 1; poll <= 3; poll += 1)
      assert.deepEqual(await host.poll('counter'), { count: count + poll, version: 1 });
    assert.deepEqual(host.logged('warn', /./), ['its file is gone; the running one goes on until it is closed']);
    host.copyIn('counter', 'counter_v2');
    assert.deepEqual(await firstOf(host, 2), { count: 1, version: 2 });
  });

  promise('(from the start) is said once, and works as soon as it is replaced', async (t) => {
    const host = await TestRuntime.open(t, COUNTER);
    host.renameIn('counter', Buffer.from('not found\n'), LONG_AGO);
    for (let poll = 1; poll <= 3; poll += 1)
      await assert.rejects(host.runtime.poll('counter'), { code: 'PLUGIN_INVALID', message: /counter/ });
    assert.equal(host.logged('error', /PLUGIN_INVALID/).length, 1);
    assert.equal(host.plugin('counter').state, 'backing-off');
    host.copyIn('counter', 'counter_v1');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });

  promise(
    '(its folder cannot be read) leaves the old one running, says so once, and goes on when it can',
    async (t) => {
      const host = await openCounter(t);
      const folder = dirname(host.file('counter'));
      renameSync(folder, `${folder}.aside`);
      symlinkSync(folder, folder);
      const count = await tried(host, () => host.logged('warn', /./).length > 0);
      assert.deepEqual(await host.poll('counter'), { count: count + 1, version: 1 });
      assert.equal(host.logged('warn', /cannot be read/).length, 1);
      await assert.rejects(host.runtime.poll('other'), { code: 'PLUGIN_STORAGE', message: /cannot be read/ });
      rmSync(folder);
      renameSync(`${folder}.aside`, folder);
      assert.deepEqual(await host.poll('counter'), { count: count + 2, version: 1 });
      host.copyIn('counter', 'counter_v2');
      assert.deepEqual(await firstOf(host, 2), { count: 1, version: 2 });
    },
  );
});
