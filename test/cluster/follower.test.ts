/** Following what other nodes publish, through a real etcd: nothing twice, and nothing left out that etcd still has. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { compact, deleteRange, put, range } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { batchKey, cursorKey, EVERYTHING, latestKey, presenceKey } from '../../src/cluster/keys';
import { batchText, latestText, positionsText, presenceText, readingText } from '../../src/cluster/wire';
import { until } from '../support/until';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { follow, upTo } from './following';
import { LossyGateway } from './lossy-gateway';
import { reading, texts } from './numbered-readings';

const EPOCH = 'abcdef';

describe('a follower', { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  let member: EtcdMember;
  let url: string;
  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1, learners: 1 });
    url = cluster.urls[0] ?? '';
    member = new EtcdMember(url);
  });
  beforeEach(async () => {
    await deleteRange(member, EVERYTHING);
  });
  after(async () => {
    member?.close();
    await cluster?.stop();
  });

  /** Readings `from` … `from + count - 1`, whose sequence numbers are one more. */
  async function publish(node: string, from: number, count: number, sentAt = Date.now()): Promise<void> {
    const value = batchText(EPOCH, from + 1, sentAt, texts(node, from, count));
    await put(member, { key: batchKey(node, EPOCH, from + 1), value });
    await put(member, { key: cursorKey(node), value: positionsText([[EPOCH, from + count]]) });
  }

  it('tells what was there before, and then what comes, once and in order', async () => {
    await publish('one', 0, 3);
    const following = follow([url]);
    await until(() => following.numbers.length === 3);
    for (let i = 0; i < 20; i++) await publish('one', 3 + i * 2, 2);
    await until(() => following.numbers.length >= 43);
    await following.close();
    assert.deepEqual(following.numbers, upTo(43));
    const [node] = following.nodes.all();
    assert.equal(node?.node, 'one');
    assert.ok(Math.abs(node?.skewMs ?? 9_999) < 1_000);
  });

  it('a cut connection costs nothing and doubles nothing', async () => {
    const lossy = await LossyGateway.start(url);
    const following = follow([lossy.url]);
    await until(() => following.states.some(({ kind }) => kind === 'following'));
    for (let i = 0; i < 30; i++) {
      await publish('cut', i * 2, 2);
      if (i % 10 === 9) lossy.cut();
    }
    await until(() => following.numbers.length >= 60);
    await following.close();
    await lossy.stop();
    assert.deepEqual(following.numbers, upTo(60));
  });

  it('what was compacted while it was away is read afresh, and what etcd no longer has is counted', async () => {
    const lossy = await LossyGateway.start(url);
    const following = follow([lossy.url]);
    await publish('late', 0, 5);
    await until(() => following.numbers.length === 5);
    lossy.isDown = true;
    lossy.cut();
    for (let i = 5; i < 20; i += 5) await publish('late', i, 5);
    // The publisher took its oldest ones away; the newest reading of another sensor was among them.
    await deleteRange(member, { key: batchKey('late', EPOCH, 1), end: batchKey('late', EPOCH, 7) });
    const latest = [
      { epoch: EPOCH, seq: 8, text: readingText(reading('late', 7, 'hall')) },
      { epoch: EPOCH, seq: 20, text: readingText(reading('late', 19)) },
    ];
    await put(member, { key: latestKey('late'), value: latestText(latest) });
    await compact(member, (await range(member, { key: 'x' })).revision);
    lossy.isDown = false;
    await until(() => following.numbers.length >= 16);
    assert.deepEqual(following.numbers, [...upTo(5), 7, ...upTo(20).slice(10)]);
    assert.equal(following.told.missed, 4);
    await following.close();
    await lossy.stop();
  });

  it('what was sent while it was away keeps its time, and is not taken for a clock that is behind', async () => {
    const lossy = await LossyGateway.start(url);
    const following = follow([lossy.url]);
    await until(() => following.states.some(({ kind }) => kind === 'following'));
    await publish('old', 0, 1);
    await until(() => following.numbers.length === 1);
    lossy.isDown = true;
    lossy.cut();
    const minutesAgo = Date.now() - 600_000;
    for (let i = 1; i < 40; i++) await publish('old', i, 1, minutesAgo);
    lossy.isDown = false;
    await until(() => following.numbers.length >= 40);
    assert.deepEqual(
      following.timestamps,
      upTo(40).map((n) => reading('old', n).timestamp),
    );
    assert.ok(Math.abs(following.nodes.all()[0]?.skewMs ?? 9_999) < 1_000);
    await following.close();
    await lossy.stop();
  });

  it('a watch that falls silent is left for another member', async () => {
    const lossy = await LossyGateway.start(url, (path) => (path === '/v3/watch' ? 'falls silent' : 'passes'));
    const following = follow([lossy.url, url]);
    await until(() => following.states.some(({ kind }) => kind === 'following'));
    await publish('silent', 0, 1);
    await publish('silent', 1, 5);
    await until(() => following.numbers.length >= 6);
    assert.deepEqual(following.numbers, upTo(6));
    await following.close();
    await lossy.stop();
  });

  it('where no voter is reachable the own learner tells what it knows', async () => {
    const lossy = await LossyGateway.start(url);
    const following = follow([cluster.urls[1] ?? '', lossy.url]);
    await until(() => following.states.some(({ kind }) => kind === 'following'));
    lossy.isDown = true;
    lossy.cut();
    await publish('far', 0, 5);
    await until(() => following.numbers.length === 5);
    assert.equal(following.follower.state.kind, 'reading-locally');
    lossy.isDown = false;
    await until(() => following.follower.state.kind === 'following');
    await publish('far', 5, 5);
    await until(() => following.numbers.length >= 10);
    assert.deepEqual(following.numbers, upTo(10));
    await following.close();
    await lossy.stop();
  });

  it('knows who went while no voter was reachable', async () => {
    const lossy = await LossyGateway.start(url);
    const following = follow([cluster.urls[1] ?? '', lossy.url]);
    const presence = presenceText({ role: 'voter', version: '1.0.0', clock: Date.now(), instance: 'x' });
    await put(member, { key: presenceKey('going'), value: presence });
    await until(() => following.nodes.all().some(({ isPresent }) => isPresent));
    lossy.isDown = true;
    lossy.cut();
    await deleteRange(member, { key: presenceKey('going') });
    await publish('staying', 0, 5);
    await until(() => following.numbers.length === 5);
    lossy.isDown = false;
    await until(() => following.follower.state.kind === 'following');
    await until(() => following.nodes.all().every(({ isPresent }) => !isPresent));
    await following.close();
    await lossy.stop();
  });

  it('knows who is there, in what role, and who went', async () => {
    const presence = presenceText({ role: 'voter', version: '1.0.0', clock: Date.now() + 60_000, instance: 'x' });
    const following = follow([url]);
    await until(() => following.states.some(({ kind }) => kind === 'following'));
    await put(member, { key: presenceKey('neighbour'), value: presence });
    await until(() => following.nodes.all().some(({ isPresent }) => isPresent));
    const [node] = following.nodes.all();
    assert.deepEqual([node?.node, node?.role], ['neighbour', 'voter']);
    assert.ok(Math.abs((node?.skewMs ?? 0) - 60_000) < 1_000);
    await deleteRange(member, { key: presenceKey('neighbour') });
    await until(() => following.nodes.all().every(({ isPresent }) => !isPresent));
    await put(member, { key: presenceKey('stranger'), value: '{"role":"emperor"}' });
    await until(() => following.told.warnings.length > 0);
    assert.match(following.told.warnings[0] ?? '', /node "stranger" writes what this version .* does not read/);
    await following.close();
  });
});
