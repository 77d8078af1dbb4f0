/** Which member is asked, and which is left alone for a while. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Endpoints } from '../../src/cluster/endpoints';
import { EtcdError, type EtcdFault } from '../../src/cluster/etcd/etcd-error';
import type { EtcdMember } from '../../src/cluster/etcd/member';
import { ManualClock } from '../support/manual-clock';

const URLS = ['http://own:1', 'http://b:1', 'http://c:1'];

/** `faults`: of the members that have one, by host. */
function members(faults: Readonly<Record<string, EtcdFault>>) {
  const clock = new ManualClock();
  const endpoints = new Endpoints(URLS, {}, clock);
  const asked: string[] = [];
  const all = { ...faults };
  const work = async ({ endpoint }: EtcdMember) => {
    const host = new URL(endpoint).hostname;
    asked.push(host);
    const kind = all[host];
    if (kind !== undefined) throw new EtcdError(kind, endpoint, `${host} is ${kind}`);
    return host;
  };
  const ask = async () => {
    asked.length = 0;
    const answer = await endpoints.ask(work).catch((error: EtcdError) => error);
    return { answer, asked: asked.join() };
  };
  return { ask, clock, faults: all };
}

describe('the endpoints', () => {
  it('the own member is asked first, and alone while it is well', async () => {
    assert.deepEqual(await members({}).ask(), { answer: 'own', asked: 'own' });
  });

  it('one that does not answer is left alone for a while, longer each time, and then asked first again', async () => {
    const { ask, clock, faults } = members({ own: 'no-answer' });
    assert.deepEqual(await ask(), { answer: 'b', asked: 'own,b' });
    assert.deepEqual(await ask(), { answer: 'b', asked: 'b' });
    await clock.advance(1_100);
    assert.deepEqual(await ask(), { answer: 'b', asked: 'own,b' });
    await clock.advance(1_100);
    assert.deepEqual(await ask(), { answer: 'b', asked: 'b' });
    await clock.advance(1_000);
    delete faults['own'];
    assert.deepEqual(await ask(), { answer: 'own', asked: 'own' });
  });

  it('a learner is not asked to write until it may have been promoted', async () => {
    const { ask, clock } = members({ own: 'learner' });
    await ask();
    await clock.advance(29_000);
    assert.equal((await ask()).asked, 'b');
    await clock.advance(1_100);
    assert.equal((await ask()).asked, 'own,b');
  });

  it('what is no member’s fault is thrown by the first that says so', async () => {
    const { answer, asked } = await members({ own: 'denied' }).ask();
    assert.equal(asked, 'own');
    assert.ok(answer instanceof EtcdError && answer.kind === 'denied');
  });

  it('where all fail, all are tried, all are named, and a cluster without leader is what it is called', async () => {
    const { ask } = members({ own: 'learner', b: 'unreachable', c: 'no-leader' });
    for (let i = 0; i < 2; i++) {
      const { answer, asked } = await ask();
      assert.deepEqual(asked.split(',').sort(), ['b', 'c', 'own']);
      assert.ok(answer instanceof EtcdError && answer.kind === 'no-leader');
      assert.match(answer.message, /own is learner/);
      assert.match(answer.message, /b is unreachable/);
    }
  });
});
