/**
 * etcd set up anew, or put back from a copy of its card, while a node is away: its cluster has the same id, and its revision
 * is already higher than the one that the node knew. The node reads everything afresh: nothing is left out or told twice, and
 * nobody is shown who is not there.
 */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { deleteRange, put, range, transact } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { batchKey, cursorKey, presenceKey, RENEWED_KEY, STORE_KEY } from '../../src/cluster/keys';
import { batchText, positionsText, presenceText } from '../../src/cluster/wire';
import { until } from '../support/until';
import { openNode } from './cluster-nodes';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { type Following, follow, upTo } from './following';
import { LossyGateway } from './lossy-gateway';
import { texts } from './numbered-readings';

const PRESENCE = presenceText({ role: 'voter', version: '1.0.0', clock: Date.now(), instance: 'x' });

interface Scene {
  readonly cluster: EtcdCluster;
  readonly member: EtcdMember;
  readonly line: LossyGateway;
  readonly following: Following;
  /** Batches of one reading. */
  publish(node: string, epoch: string, from: number, count: number): Promise<void>;
  /** The node is away meanwhile. */
  away(work: () => Promise<void>): Promise<void>;
}

async function scene(work: (scene: Scene) => Promise<void>, learners = 0): Promise<void> {
  await inCluster({ voters: 1, learners }, async (cluster) => {
    const [url = '', ...learnerUrls] = cluster.urls;
    const member = new EtcdMember(url);
    const line = await LossyGateway.start(url);
    const following = follow([...learnerUrls, line.url]);
    try {
      await until(() => following.follower.state.kind === 'following');
      await work({
        cluster,
        member,
        line,
        following,
        publish: async (node, epoch, from, count) => {
          for (let n = from; n < from + count; n++) {
            await transact(member, {
              compare: [],
              success: [
                {
                  kind: 'put',
                  key: batchKey(node, epoch, n + 1),
                  value: batchText(epoch, n + 1, Date.now(), texts(node, n, 1)),
                },
                { kind: 'put', key: cursorKey(node), value: positionsText([[epoch, n + 1]]) },
              ],
            });
          }
        },
        away: async (meanwhile) => {
          line.isDown = true;
          line.cut();
          await meanwhile();
          line.isDown = false;
        },
      });
    } finally {
      await following.close();
      await line.stop();
      member.close();
    }
  });
}

async function storeId(member: EtcdMember): Promise<string> {
  return (await range(member, { key: STORE_KEY })).entries[0]?.value ?? '';
}

function present(following: Following): readonly string[] {
  return following.nodes.all().flatMap(({ node, isPresent }) => (isPresent ? [node] : []));
}

describe('another history of etcd', { skip: noEtcd }, () => {
  it('is read from its begin where etcd was set up anew while the node was away', async () => {
    await scene(async ({ cluster, member, following, publish, away }) => {
      await put(member, { key: presenceKey('dead'), value: PRESENCE });
      await publish('dead', 'aa', 0, 10);
      await until(() => following.numbers.length === 10 && present(following).length === 1);
      await away(async () => {
        const etcd = cluster.member('a');
        await etcd.kill();
        etcd.wipe();
        etcd.start();
        await cluster.leader();
        await publish('fresh', 'bb', 0, 240);
      });
      await until(() => following.numbers.length >= 250);
      assert.deepEqual(following.numbers, [...upTo(10), ...upTo(240)]);
      assert.deepEqual(present(following), []);
      assert.match(following.told.infos.join('\n'), /was set up anew/);
      await publish('fresh', 'bb', 240, 10);
      await until(() => following.numbers.length >= 260);
      assert.deepEqual(following.numbers.slice(10), upTo(250));
      assert.notEqual(await storeId(member), '');
    });
  });

  it('is read from its begin where a copy was put back, with the same ids', async () => {
    await scene(async ({ cluster, member, following, publish, away }) => {
      const etcd = cluster.member('a');
      const copy = join(cluster.folder, 'copy');
      await publish('old', 'aa', 0, 10);
      await until(() => following.numbers.length === 10);
      const id = await storeId(member);
      await etcd.kill();
      cpSync(etcd.dataDir, copy, { recursive: true });
      etcd.start();
      await cluster.leader();
      await put(member, { key: presenceKey('dead'), value: PRESENCE });
      await publish('old', 'aa', 10, 10);
      await until(() => following.numbers.length === 20 && present(following).length === 1);
      await away(async () => {
        await etcd.kill();
        rmSync(etcd.dataDir, { recursive: true });
        cpSync(copy, etcd.dataDir, { recursive: true });
        etcd.start();
        await cluster.leader();
        await publish('fresh', 'bb', 0, 40);
      });
      await until(() => following.numbers.length >= 60);
      assert.deepEqual(following.numbers, [...upTo(20), ...upTo(40)]);
      assert.deepEqual(present(following), []);
      assert.equal(await storeId(member), id);
      assert.match(following.told.infos.join('\n'), /was put back from a copy/);
    });
  });

  it('is told by the own learner as well, where no voter is reached', async () => {
    await scene(async ({ member, following, publish, line }) => {
      await publish('old', 'aa', 0, 10);
      await until(() => following.numbers.length === 10);
      line.isDown = true;
      line.cut();
      await put(member, { key: STORE_KEY, value: 'another' });
      await publish('fresh', 'bb', 0, 100);
      await until(() => following.numbers.length >= 110);
      assert.equal(following.follower.state.kind, 'reading-locally');
      assert.match(following.told.infos.join(), /was set up anew \(store id another instead of/);
      line.isDown = false;
      await until(() => following.follower.state.kind === 'following');
      await publish('fresh', 'bb', 100, 1);
      await until(() => following.numbers.length >= 111);
      assert.deepEqual(following.numbers, [...upTo(10), ...upTo(101)]);
    }, 1);
  });

  it('is none where nothing but the id was deleted, which is written again', async () => {
    await scene(async ({ member, following, publish, away }) => {
      const id = await storeId(member);
      assert.match(id, /^[0-9a-f]{32}$/);
      await deleteRange(member, { key: STORE_KEY });
      await until(async () => (await storeId(member)) === id);
      await publish('old', 'aa', 0, 10);
      await until(() => following.numbers.length === 10);
      await away(async () => {
        await deleteRange(member, { key: STORE_KEY });
        await publish('old', 'aa', 10, 10);
      });
      await until(() => following.numbers.length === 20);
      await until(async () => (await storeId(member)) === id);
      assert.deepEqual(following.numbers, upTo(20));
      assert.deepEqual(following.told.infos, []);
    });
  });

  it('is none after an interruption, and nothing is read from its begin', async () => {
    await scene(async ({ member, following, publish, away }) => {
      await publish('old', 'aa', 0, 10);
      await put(member, { key: RENEWED_KEY, value: '{"nonce":1}' });
      await until(() => following.numbers.length === 10);
      await away(() => publish('old', 'aa', 10, 10));
      await until(() => following.numbers.length === 20);
      assert.deepEqual(following.told.infos, []);
    });
  });

  it('costs whole nodes nothing but what nobody had handed over, and shows nobody who is gone', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const line = await LossyGateway.start(cluster.urls[0] ?? '');
      const gone = await openNode('gone', 'voter', cluster.urls);
      const writer = await openNode('writer', 'voter', cluster.urls);
      const reader = await openNode('reader', 'voter', [line.url]);
      const health = () => reader.cluster.state.members.map(({ node, healthy }) => `${node} ${healthy}`).join();
      await until(() => health() === 'gone true,reader true,writer true');
      writer.publish(10);
      await until(() => reader.received.get('writer')?.length === 10);
      line.isDown = true;
      line.cut();
      await gone.close();
      const etcd = cluster.member('a');
      await etcd.kill();
      etcd.wipe();
      etcd.start();
      await cluster.leader();
      for (let i = 0; i < 24; i++) {
        writer.publish(10);
        await until(() => writer.cluster.counts.waiting === 0);
      }
      line.isDown = false;
      await until(() => reader.received.get('writer')?.length === 250);
      await until(() => health() === 'reader true,writer true');
      assert.deepEqual(reader.received.get('writer'), upTo(250));
      assert.equal(reader.cluster.counts.missed, 0);
      assert.ok(reader.log.some((text) => /^info: etcd was set up anew/.test(text)));
      await writer.close();
      await reader.close();
      await line.stop();
    });
  });
});
