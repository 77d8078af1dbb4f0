/** Components that were never prepared: one after the other, in processes of their own, and in nobody else's way. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../support/until';
import { answering, bytesOf, fixture, fromText, neverPrepared } from '../wasm/components';
import { PATIENT } from '../wasm/engine';
import { BUNDLED, foldersOf } from './folders';
import { fingerprint } from './stored';
import { TaskProcesses } from './task-processes';

const LIMIT = { timeout: 120_000 };
const CLOSED = { code: 'RUNTIME_CLOSED' };
const tasks = new TaskProcesses();

/** It takes jco seconds. */
const large = () => neverPrepared(bytesOf(fixture('counter_v1')));

/** Which of them ended, in the order in which they did. */
function order(loads: Readonly<Record<string, Promise<unknown>>>): string[] {
  const ended: string[] = [];
  for (const [name, load] of Object.entries(loads)) void load.then(() => ended.push(name));
  return ended;
}

describe('while a component is being prepared', () => {
  it('one that was prepared before, and one of the package, are loaded', LIMIT, async (t) => {
    const { loader, put, load } = foldersOf(t);
    const known = put('known', await answering(1));
    await load(known);
    const [digest = ''] = Object.values<string>(JSON.parse(readFileSync(join(BUNDLED, 'bundled.json'), 'utf8')));
    const unprepared = load(put('unprepared', large()));
    const cached = load(known);
    const bundled = loader.load({ kind: 'bundled', digest }, PATIENT);
    const ended = order({ unprepared, cached, bundled });
    await Promise.all([unprepared, cached, bundled]);
    assert.equal(ended.at(-1), 'unprepared');
  });

  it('another component can be looked at, which nobody has looked at before', LIMIT, async (t) => {
    const { loader, put, load } = foldersOf(t);
    const unprepared = load(put('unprepared', large()));
    const child = await tasks.one();
    const looked = loader.inspect({ kind: 'file', path: put('small', await answering(1)) });
    const ended = order({ unprepared, looked });
    await looked;
    assert.equal(child.exitCode ?? child.signalCode, null, 'it was prepared by then');
    await unprepared;
    assert.deepEqual(ended, ['looked', 'unprepared']);
  });

  it('no other one is, in any runtime of the process', LIMIT, async (t) => {
    const [one, other] = [foldersOf(t), foldersOf(t)];
    const before = tasks.started;
    tasks.forgetMost();
    const loads = [one, other, one].map(async ({ put, load }, index) => load(put(`n${index}`, await answering(index))));
    await Promise.all(loads);
    assert.deepEqual({ started: tasks.started - before, most: tasks.most }, { started: 3, most: 1 });
  });

  it('the same bytes under another name are not prepared again', LIMIT, async (t) => {
    const { own, put, load } = foldersOf(t);
    const before = tasks.started;
    const bytes = await answering(7);
    const [first, second] = [load(put('one', bytes)), load(put('other', bytes))];
    const { digest } = await first;
    const written = fingerprint(own.blobsDir);
    assert.equal((await second).digest, digest);
    assert.equal(tasks.started - before, 1);
    assert.equal(fingerprint(own.blobsDir), written);
  });
});

describe('a preparation', () => {
  it('that is given up ends, with its process and its folder', LIMIT, async (t) => {
    const { put, load, leftFolders } = foldersOf(t);
    const end = new AbortController();
    const failed = assert.rejects(load(put('unprepared', large()), {}, end.signal), CLOSED);
    await tasks.one();
    assert.equal(leftFolders().length, 1);
    end.abort();
    await failed;
    await tasks.ended();
    await until(() => leftFolders().length === 0);
    await assert.rejects(load(put('other', await answering(2)), {}, end.signal), CLOSED);
    await load(put('other', await answering(2)));
    assert.deepEqual(leftFolders(), []);
  });

  it('that is given up while it waits does not wait for its turn', LIMIT, async (t) => {
    const { loader, put, load } = foldersOf(t);
    const first = load(put('first', large()));
    await tasks.one();
    const before = tasks.started;
    const end = new AbortController();
    const second = assert.rejects(load(put('second', await answering(3)), {}, end.signal), CLOSED);
    const path = put('third', await answering(4));
    // By the time that this was looked at, the second one was found unprepared and waits.
    await loader.inspect({ kind: 'file', path });
    const seen = order({ first, second });
    end.abort();
    await second;
    const third = load(path);
    await Promise.all([first, third]);
    assert.deepEqual(seen, ['second', 'first']);
    // One looked, one prepared the third.
    assert.equal(tasks.started - before, 2, 'the second one was begun');
  });

  it('that is late is ended at its deadline, and the next one works', LIMIT, async (t) => {
    const { put, load, leftFolders } = foldersOf(t);
    await assert.rejects(load(put('late', large()), { deadlineMs: 1 }), {
      code: 'PLUGIN_LOAD_TIMEOUT',
      message: /not prepared within 1 ms\. Raise load_deadline_ms/,
    });
    assert.equal(tasks.running, 0);
    assert.deepEqual(leftFolders(), []);
    await load(put('next', await answering(6)));
  });

  it('ends with its loader', LIMIT, async (t) => {
    const { loader, put, load, leftFolders } = foldersOf(t);
    const loads = [load(put('one', large())), load(put('other', large()))];
    const failures = Promise.all(loads.map((each) => assert.rejects(each, CLOSED)));
    await tasks.one();
    loader.close();
    await failures;
    await tasks.ended();
    await until(() => leftFolders().length === 0);
  });

  it('of a component that jco cannot translate fails alone', LIMIT, async (t) => {
    const { put, load, leftFolders } = foldersOf(t);
    const panics = await fromText('(component (import "url=<https://a>" (func)))');
    const [bad, good] = await Promise.allSettled([load(put('bad', panics)), load(put('good', await answering(9)))]);
    assert.equal(bad.status === 'rejected' && bad.reason.code, 'PLUGIN_INVALID');
    assert.equal(good.status, 'fulfilled');
    assert.deepEqual(leftFolders(), []);
  });

  it('whose process is killed says so, leaves nothing, and the next one works', LIMIT, async (t) => {
    const { put, load, own, leftFolders } = foldersOf(t);
    const failed = assert.rejects(load(put('killed', large())), {
      code: 'SYSTEM_SHORTAGE',
      message: /ended the process that prepares plugins: it was ended by SIGKILL.*It is tried again/,
    });
    (await tasks.one()).kill('SIGKILL');
    await failed;
    assert.deepEqual(leftFolders(), []);
    assert.throws(() => fingerprint(own.blobsDir), { code: 'ENOENT' });
    await load(put('next', await answering(8)));
  });
});
