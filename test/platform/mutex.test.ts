import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Mutex } from '../../src/platform/mutex';

/** Work that ends when the test says so. */
function work(name: string, log: string[]) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async () => {
    log.push(`${name} begins`);
    await ended;
    log.push(`${name} ends`);
    return name;
  };
  return { run, end };
}

describe('a mutex', () => {
  it('does one thing after the other, in the order of the requests, and passes on what each returns', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const [a, b] = [work('a', log), work('b', log)];
    const results = [mutex.run(a.run), mutex.run(b.run), mutex.run(() => 'c')];
    b.end();
    await turn();
    assert.deepEqual(log, ['a begins']);
    a.end();
    assert.deepEqual(await Promise.all(results), ['a', 'b', 'c']);
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('goes on after work that fails, and tells only its own caller', async () => {
    const mutex = new Mutex();
    const failing = mutex.run(() => Promise.reject(new Error('no')));
    const next = mutex.run(() => 'next');
    await assert.rejects(failing, /^Error: no$/);
    assert.equal(await next, 'next');
  });

  it('never begins work whose signal is aborted before its turn, and tells its caller at once', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const a = work('a', log);
    const running = mutex.run(a.run);
    const abort = new AbortController();
    const waiting = mutex.run(work('b', log).run, abort.signal);
    const next = mutex.run(() => 'next');
    abort.abort(new Error('closed'));
    await assert.rejects(waiting, /^Error: closed$/);
    await assert.rejects(mutex.run(work('c', log).run, abort.signal), /^Error: closed$/);
    assert.deepEqual(log, ['a begins']);
    a.end();
    await running;
    assert.equal(await next, 'next');
    assert.deepEqual(log, ['a begins', 'a ends']);
  });

  it('does not begin the next work while one that may be aborted runs', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const a = work('a', log);
    const abort = new AbortController();
    const running = mutex.run(a.run, abort.signal);
    await turn();
    const next = mutex.run(work('b', log).run);
    abort.abort(new Error('closed'));
    await turn();
    assert.deepEqual(log, ['a begins']);
    a.end();
    assert.equal(await running, 'a');
    void next;
  });

  it('is idle when all that was requested has settled', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const a = work('a', log);
    const failing = mutex.run(() => a.run().then(() => Promise.reject(new Error('no'))));
    const idle = mutex.idle().then(() => log.push('idle'));
    a.end();
    await assert.rejects(failing);
    await idle;
    assert.deepEqual(log, ['a begins', 'a ends', 'idle']);
  });
});
