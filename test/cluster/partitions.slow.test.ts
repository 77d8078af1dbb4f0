/** Members that are cut off from one another, by namespaces and by proxies: both do to etcd what a cable does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/until';
import { memberList, put, statusOf, under } from './etcd-calls';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { Namespaces } from './namespaces';
import { type Partitions, partition } from './partitions';
import { PeerLinks } from './peer-links';
import { loopbackPlace } from './places';

const NAMES = ['a', 'b', 'c', 'd'];
const SEED = 20;
const TRY_LIMIT_MS = 1_500;

const canWrite = (url: string) =>
  put(url, '/probe', url, TRY_LIMIT_MS).then(
    () => true,
    () => false,
  );

async function isolatedLeader(cluster: EtcdCluster, partitions: Partitions): Promise<void> {
  const leader = await cluster.leader();
  await partition(partitions, NAMES, [NAMES.filter((name) => name !== leader.name)]);
  const rest = cluster.members.filter((member) => member !== leader);
  await eventually(
    async () => (await Promise.all(rest.slice(0, 2).map((member) => canWrite(member.clientUrl)))).includes(true),
    'the others elect one',
  );
  assert.equal(await canWrite(leader.clientUrl), false);
  const next = await cluster.leader();
  assert.notEqual(next.name, leader.name);
  await put(next.clientUrl, '/while-apart', 'kept');
  assert.equal((await under(leader.clientUrl, '/while', true)).size, 0);
  await partitions.heal();
  await eventually(async () => (await under(leader.clientUrl, '/while', true)).size === 1);
}

/** It hears of the leader but is not heard: its own log stays behind no further than what it is sent. */
async function deafLeader(cluster: EtcdCluster, partitions: Partitions): Promise<void> {
  const leader = await cluster.leader();
  const follower = cluster.members.find(({ name }) => name !== leader.name && name !== 'd');
  assert.ok(follower);
  await partitions.cut(leader.name, follower.name);
  await put(leader.clientUrl, '/one-way', 'x');
  await pause(500);
  assert.equal((await under(follower.clientUrl, '/one-way', true)).size, 0);
  await partitions.heal();
  await eventually(async () => (await under(follower.clientUrl, '/one-way', true)).size === 1);
}

describe('partitions in network namespaces', { skip: noEtcd }, () => {
  it('leave a leader alone, and one direction of a link', async (test) => {
    const namespaces = await Namespaces.open(NAMES);
    if ('reason' in namespaces) return test.skip(namespaces.reason);
    await inCluster({ voters: 3, learners: 1, names: NAMES, place: namespaces }, async (cluster) => {
      await isolatedLeader(cluster, namespaces);
      await deafLeader(cluster, namespaces);
    });
  });
});

describe('partitions by proxies', { skip: noEtcd }, () => {
  it('leave a leader alone, pass one direction of a link, and hold with links that are slow and lose a tenth', async (test) => {
    const place = loopbackPlace();
    const links = await PeerLinks.open(place, NAMES, SEED);
    test.after(() => links.close());
    const options = { voters: 3, learners: 1, names: NAMES, place, advertise: links.advertise };
    await inCluster(options, async (cluster) => {
      await links.learn(cluster);
      await deafLeader(cluster, links);
      await isolatedLeader(cluster, links);
      // The same cluster, since it is there.
      links.setEverywhere({ kind: 'slow', delayMs: 40, jitterMs: 20, lossRate: 0.1 });
      const { clientUrl } = await cluster.leader();
      const from = performance.now();
      await eventually(() => canWrite(clientUrl));
      assert.ok(performance.now() - from >= 80 - 2);
      assert.equal((await memberList(clientUrl)).length, 4);
      assert.notEqual((await statusOf(clientUrl)).leader, '0');
    });
  });
});
