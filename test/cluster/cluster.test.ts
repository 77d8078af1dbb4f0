/** The cluster as a whole: three voters, a learner, and a node at each, with real etcd members. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { put } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { alarms } from '../../src/cluster/etcd/membership';
import { until } from '../support/until';
import { freePort } from '../system/user-directory';
import { type OpenNode, openNode, quantile, whatIsWrong } from './cluster-nodes';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { type EtcdBuild, everyEtcd, noEtcd } from './etcd-programs';
import { LossyGateway } from './lossy-gateway';

const ROLES = ['leader-preferred', 'voter', 'voter', 'learner'] as const;

/** Each at its own member, with the others as fallback. */
async function openAll(cluster: EtcdCluster): Promise<OpenNode[]> {
  const nodes: OpenNode[] = [];
  for (const [i, role] of ROLES.entries()) {
    const own = cluster.urls[i] ?? '';
    nodes.push(await openNode(`node${i}`, role, [own, ...cluster.urls.filter((url) => url !== own)]));
  }
  return nodes;
}

async function allHave(nodes: readonly OpenNode[]): Promise<void> {
  await until(
    () => whatIsWrong(nodes) === undefined,
    () => whatIsWrong(nodes) ?? '',
  );
}

function oldestAndNewest(all: readonly EtcdBuild[]): readonly EtcdBuild[] {
  return all.filter((one) => one === all[0] || one === all.at(-1));
}

describe('four nodes', { skip: noEtcd }, () => {
  for (const { version, etcd } of oldestAndNewest(everyEtcd()))
    it(`each has the readings of all, the learner too, through the loss of a leader and of a member, etcd ${version}`, async (t) => {
      await inCluster({ voters: 3, learners: 1, etcd }, async (cluster) => {
        const nodes = await openAll(cluster);
        await until(() => nodes.every(({ cluster: one }) => one.state.connected && one.state.members.length === 4));
        await until(() => nodes.every(({ cluster: one }) => one.state.leader !== ''));
        for (let i = 0; i < 50; i++) {
          for (const node of nodes) node.publish(2);
          await pause(20);
        }
        await allHave(nodes);
        const delays = nodes.flatMap((node) => node.delays);
        t.diagnostic(`from node to node: p50 ${quantile(delays, 0.5)} ms, p99 ${quantile(delays, 0.99)} ms`);
        await (await cluster.leader()).kill();
        for (let i = 0; i < 50; i++) {
          for (const node of nodes) node.publish(2);
          await pause(20);
        }
        await allHave(nodes);
        const leaders = nodes.filter(({ cluster: one }) => one.leading().isLeader);
        assert.ok(leaders.length <= 1);
        await until(() => nodes.some(({ cluster: one }) => one.leading().isLeader));
        assert.deepEqual(
          nodes.flatMap(({ log }) => log.filter((line) => !line.includes('works alone'))),
          [],
        );
        await Promise.all(nodes.map((node) => node.close()));
      });
    });

  it('a node that leaves is missed, and one that comes back catches up with what it slept through', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const [one, two] = [await openNode('one', 'voter', cluster.urls), await openNode('two', 'voter', cluster.urls)];
      const health = (of: OpenNode) => of.cluster.state.members.map(({ node, healthy }) => `${node} ${healthy}`);
      await until(() => health(one).join() === 'one true,two true');
      one.publish(10);
      await allHave([one, two]);
      await two.close();
      await until(() => health(one).join() === 'one true,two false');
      one.publish(10);
      await until(() => one.cluster.counts.waiting === 0);
      const back = await openNode('two', 'voter', cluster.urls);
      await until(() => (back.received.get('one')?.length ?? 0) >= 20);
      assert.equal(whatIsWrong([one, { ...back, published: 0 }]), undefined);
      await one.close();
      await back.close();
    });
  });

  it('an hour of ten sensors read alone is handed over, with the process restarted in between', async (t) => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const folder = mkdtempSync(join(tmpdir(), 'wasi-away-'));
      const line = await LossyGateway.start(cluster.urls[0] ?? '');
      const reader = await openNode('reader', 'voter', cluster.urls);
      line.isDown = true;
      const first = await openNode('away', 'learner', [line.url], 0, folder);
      first.publish(3_600);
      await until(() => first.log.some((text) => /works alone and keeps its readings.*CLUSTER_UNAVAILABLE/.test(text)));
      assert.equal(first.log.length, 1);
      assert.equal(first.cluster.state.connected, false);
      await first.close();
      const away = await openNode('away', 'learner', [line.url], 3_600, folder);
      away.publish(3_600);
      line.isDown = false;
      const begin = performance.now();
      await until(() => reader.received.get('away')?.length === 7_200);
      t.diagnostic(`7200 readings after ${(performance.now() - begin).toFixed(0)} ms`);
      assert.equal(whatIsWrong([reader, away]), undefined);
      await until(() => away.cluster.counts.waiting === 0);
      await away.close();
      await reader.close();
      await line.stop();
      rmSync(folder, { recursive: true });
    });
  });

  it('a node whose cluster is not there works on, and closes', async () => {
    const node = await openNode('alone', 'leader-preferred', [`http://127.0.0.1:${await freePort()}`]);
    node.publish(5);
    assert.deepEqual(node.cluster.leading(), { isLeader: false });
    assert.deepEqual(
      node.cluster.state.members.map(({ node: name, healthy }) => [name, healthy]),
      [['alone', false]],
    );
    await Promise.all([node.close(), node.close()]);
    assert.equal(node.cluster.counts.waiting, 5);
    node.publish(1);
    assert.equal(node.cluster.counts.waiting, 5);
  });

  it('when etcd has no space left the nodes make room, and lose nothing', async () => {
    const environment = { ETCD_QUOTA_BACKEND_BYTES: String(6 * 2 ** 20) };
    await inCluster({ voters: 1, environment }, async (cluster) => {
      const [one, two] = [await openNode('one', 'voter', cluster.urls), await openNode('two', 'voter', cluster.urls)];
      await until(() => two.cluster.state.connected);
      one.publish(10);
      // What somebody else has overwritten many times: a compaction frees it.
      const member = new EtcdMember(cluster.urls[0] ?? '');
      await until(async () => {
        try {
          await put(member, { key: 'theirs', value: 'x'.repeat(200_000) });
          return false;
        } catch (error) {
          return error instanceof EtcdError && error.kind === 'no-space';
        }
      });
      assert.equal((await alarms(member)).length, 1);
      one.publish(10);
      await allHave([one, two]);
      assert.deepEqual(await alarms(member), []);
      member.close();
      await one.close();
      await two.close();
    });
  });
});
