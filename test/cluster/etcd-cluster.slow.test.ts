/** The clusters of the tests themselves: real members that are killed, frozen, wiped, added and promoted. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { memberList, put, Refusal, statusOf, under } from './etcd-calls';
import { EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const VALUE = 'kept';

describe('a cluster of the tests', { skip: noEtcd }, () => {
  it('has three voters and a learner, loses its leader, and gets every member back', async () => {
    await inCluster({ voters: 3, learners: 1 }, async (cluster) => {
      const members = await memberList(cluster.member('a').clientUrl);
      assert.deepEqual(members.map(({ name, isLearner }) => `${name} ${isLearner}`).sort(), [
        'a false',
        'b false',
        'c false',
        'd true',
      ]);
      const leader = await cluster.leader();
      await put(leader.clientUrl, '/k', VALUE);
      await leader.kill();
      const next = await cluster.leader();
      assert.notEqual(next.name, leader.name);
      assert.deepEqual([...(await under(next.clientUrl, '/'))], [['/k', VALUE]]);
      leader.start();
      await leader.answers();
      const learner = cluster.member('d').clientUrl;
      assert.equal((await statusOf(learner)).isLearner, true);
      assert.deepEqual([...(await under(learner, '/', true))], [['/k', VALUE]]);
      await assert.rejects(put(learner, '/k', 'x'), Refusal);
    });
  });

  it('goes on without a frozen leader, which follows when it is thawed', async () => {
    await inCluster({ voters: 3 }, async (cluster) => {
      const leader = await cluster.leader();
      leader.freeze();
      const next = await cluster.leader();
      assert.notEqual(next.name, leader.name);
      leader.thaw();
      await leader.answers();
      await put(next.clientUrl, '/k', VALUE);
    });
  });

  it('makes a learner a voter that outlives one of the first', async () => {
    await inCluster({ voters: 2, learners: 1 }, async (cluster) => {
      await cluster.promote('c');
      await cluster.member('a').kill();
      await put((await cluster.leader()).clientUrl, '/k', VALUE);
      cluster.member('a').wipe();
      assert.equal(existsSync(cluster.member('a').dataDir), false);
    });
  });

  it('leaves neither process nor file', async () => {
    const cluster = await EtcdCluster.start({ voters: 1 });
    const [only] = cluster.members;
    const pid = only?.pid ?? 0;
    assert.equal(existsSync(`/proc/${pid}`), true);
    await cluster.stop();
    assert.equal(existsSync(`/proc/${pid}`), false);
    assert.equal(existsSync(cluster.folder), false);
  });
});
