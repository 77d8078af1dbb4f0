/** Components that were never prepared: one after the other, in threads of their own, and in nobody else's way. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ComponentLoader } from '../../src/wasm/component-loader';
import { ComponentPreparer, PREPARER_HEAP_MB } from '../../src/wasm/component-preparer';
import { until } from '../support/until';
import { answering, bytesOf, fixture, fromText, neverPrepared, REPOSITORY, scratchFolder } from './components';
import { PATIENT } from './engine';
import { fingerprint } from './stored';
import { Threads } from './threads';

const LIMIT = { timeout: 120_000 };
const BUNDLED = join(REPOSITORY, 'dist', 'prepared');
const threads = new Threads((worker) => worker.resourceLimits?.maxOldGenerationSizeMb === PREPARER_HEAP_MB);
const CLOSED = { code: 'RUNTIME_CLOSED' };

function folderOf(t: TestContext) {
  const folder = scratchFolder(t);
  const loader = new ComponentLoader({ storeDir: join(folder, 'store'), bundledDir: BUNDLED });
  t.after(() => loader.close());
  const put = (name: string, bytes: Uint8Array) => {
    const path = join(folder, `${name}.wasm`);
    writeFileSync(path, bytes);
    return path;
  };
  const load = (path: string, signal?: AbortSignal) => loader.load({ kind: 'file', path }, PATIENT, signal);
  return { folder, loader, put, load };
}

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
    const { loader, put, load } = folderOf(t);
    const known = put('known', await answering(1));
    (await load(known)).release();
    const [digest = ''] = Object.values<string>(JSON.parse(readFileSync(join(BUNDLED, 'bundled.json'), 'utf8')));
    const unprepared = load(put('unprepared', large()));
    const cached = load(known);
    const bundled = loader.load({ kind: 'bundled', digest }, PATIENT);
    const ended = order({ unprepared, cached, bundled });
    for (const component of await Promise.all([unprepared, cached, bundled])) component.release();
    assert.deepEqual(ended, ['cached', 'bundled', 'unprepared']);
  });

  it('another component can be looked at', LIMIT, async (t) => {
    const { loader, put, load } = folderOf(t);
    const unprepared = load(put('unprepared', large()));
    const looked = loader.inspect({ kind: 'file', path: put('small', await answering(1)) });
    const ended = order({ unprepared, looked });
    await looked;
    (await unprepared).release();
    assert.deepEqual(ended, ['looked', 'unprepared']);
  });

  it('no other one is, in any runtime of the process', LIMIT, async (t) => {
    const [one, other] = [folderOf(t), folderOf(t)];
    const before = threads.started;
    let most = 0;
    const counting = () => {
      most = Math.max(most, threads.running);
    };
    process.on('worker', counting);
    const loads = [one, other, one].map(async ({ put, load }, index) => load(put(`n${index}`, await answering(index))));
    for (const component of await Promise.all(loads)) component.release();
    process.off('worker', counting);
    assert.deepEqual({ started: threads.started - before, most }, { started: 3, most: 1 });
  });

  it('the same bytes under another name are not prepared again', LIMIT, async (t) => {
    const { folder, put } = folderOf(t);
    const bytes = await answering(7);
    const preparer = new ComponentPreparer(join(folder, 'store'));
    const prepare = (name: string) =>
      preparer.prepare(
        { path: put(name, bytes), why: 'new', deadlineMs: PATIENT.deadlineMs },
        new AbortController().signal,
      );
    const digest = await prepare('one');
    const before = fingerprint(join(folder, 'store'));
    assert.equal(await prepare('other'), digest);
    assert.equal(fingerprint(join(folder, 'store')), before);
  });
});

describe('a preparation', () => {
  it('that is given up ends, with its thread', LIMIT, async (t) => {
    const { put, load } = folderOf(t);
    const end = new AbortController();
    const unprepared = load(put('unprepared', large()), end.signal);
    const failed = assert.rejects(unprepared, CLOSED);
    await until(() => threads.running === 1);
    end.abort();
    await failed;
    await threads.ended();
    await assert.rejects(load(put('other', await answering(2)), end.signal), CLOSED);
    (await load(put('other', await answering(2)))).release();
  });

  it('that is given up while it waits does not wait for its turn', LIMIT, async (t) => {
    const { loader, put, load } = folderOf(t);
    const first = load(put('first', large()));
    await until(() => threads.running === 1);
    const before = threads.started;
    const end = new AbortController();
    const second = assert.rejects(load(put('second', await answering(3)), end.signal), CLOSED);
    const path = put('third', await answering(4));
    // Looked at in turn: by then the second one was found unprepared and waits.
    await loader.inspect({ kind: 'file', path });
    const seen = order({ first, second });
    end.abort();
    await second;
    const third = load(path);
    for (const component of await Promise.all([first, third])) component.release();
    assert.deepEqual(seen, ['second', 'first']);
    assert.equal(threads.started - before, 1, 'the second one was begun');
  });

  it('that is late is ended at its deadline, and the next one works', LIMIT, async (t) => {
    const { folder, put, load } = folderOf(t);
    const preparer = new ComponentPreparer(join(folder, 'store'));
    const late = preparer.prepare(
      { path: put('late', large()), why: 'new', deadlineMs: 1 },
      new AbortController().signal,
    );
    await assert.rejects(late, {
      code: 'PLUGIN_LOAD_TIMEOUT',
      message: /not prepared within 1 ms\. Raise load_deadline_ms/,
    });
    await threads.ended();
    (await load(put('next', await answering(6)))).release();
  });

  it('ends with its loader', LIMIT, async (t) => {
    const { loader, put, load } = folderOf(t);
    const loads = [load(put('one', large())), load(put('other', large()))];
    const failures = Promise.all(loads.map((each) => assert.rejects(each, CLOSED)));
    await until(() => threads.running === 1);
    await loader.close();
    await failures;
    await threads.ended();
  });

  it('of a component that jco cannot translate fails alone', LIMIT, async (t) => {
    const { put, load } = folderOf(t);
    const panics = await fromText('(component (import "url=<https://a>" (func)))');
    const [bad, good] = await Promise.allSettled([load(put('bad', panics)), load(put('good', await answering(9)))]);
    assert.equal(bad.status === 'rejected' && bad.reason.code, 'PLUGIN_INVALID');
    assert.equal(good.status, 'fulfilled');
    if (good.status === 'fulfilled') good.value.release();
  });
});
