/** One cluster at a time: which endpoints are refused, and when one that was set up anew is taken over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClusterIdentity } from '../../src/cluster/cluster-identity';
import { Endpoints } from '../../src/cluster/endpoints';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { put, range } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { systemClock } from '../../src/platform/clock';
import { ManualClock } from '../support/manual-clock';
import { eventually, until } from '../support/until';
import { openNode } from './cluster-nodes';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { HEADER, HostileServer, says } from './hostile-server';
import { LossyGateway } from './lossy-gateway';

/** `ids`: what each endpoint tells now; undefined for one that does not respond. */
function endpoints(ids: Readonly<Record<string, string | undefined>>) {
  const now = { ...ids };
  const clock = new ManualClock();
  const warnings: string[] = [];
  let surveys = 0;
  const identity = new ClusterIdentity({
    endpoints: Object.keys(ids),
    clock,
    survey: async () => {
      surveys += 1;
      return new Map(Object.entries(now).flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const])));
    },
    onWarning: (text) => warnings.push(text),
  });
  /** As a member that is about to be used. */
  const use = async (name: string) => {
    const id = now[name];
    assert.ok(id !== undefined);
    try {
      await identity.admit(name, id);
      return 'used';
    } catch (error) {
      assert.ok(error instanceof EtcdError);
      return error.kind;
    }
  };
  const change = async (ids: Readonly<Record<string, string | undefined>>) => {
    Object.assign(now, ids);
    await clock.advance(2_100);
  };
  return { identity, use, change, warnings, surveys: () => surveys };
}

describe('which cluster the endpoints belong to', () => {
  it('is what the first tells; one of another cluster is refused and named, before it is needed', async () => {
    const { identity, use, warnings } = endpoints({ 'http://a': '26', 'http://b': '26', 'http://c': '255' });
    assert.equal(await use('http://a'), 'used');
    await until(() => warnings.length > 0);
    assert.match(warnings[0] ?? '', /http:\/\/c belongs to cluster ff, and http:\/\/a to cluster 1a/);
    assert.match(warnings[0] ?? '', /\[cluster\] endpoints in host\.toml/);
    assert.equal(await use('http://b'), 'used');
    assert.equal(await use('http://c'), 'other-cluster');
    assert.equal(identity.clusterId, '26');
    assert.equal(warnings.length, 1);
  });

  it('does not change while the known one is out of reach', async () => {
    const { identity, use, change, warnings } = endpoints({ a: '1', b: '2' });
    await use('a');
    await change({ a: undefined });
    assert.equal(await use('b'), 'other-cluster');
    assert.equal(identity.clusterId, '1');
    assert.match(warnings.at(-1) ?? '', /Bring the endpoints of the known cluster back, or take the others out/);
  });

  it('does not change where the others are the larger part', async () => {
    const { identity, use, change } = endpoints({ a: '1', b: '2', c: '2' });
    await use('a');
    await change({ a: undefined });
    assert.equal(await use('b'), 'other-cluster');
    assert.equal(await use('c'), 'other-cluster');
    assert.equal(identity.clusterId, '1');
  });

  it('does not change while one still tells the known one, or a third', async () => {
    const { use, change } = endpoints({ a: '1', b: '1', c: '1' });
    await use('a');
    await nextTurn();
    await change({ a: '2', b: '2' });
    assert.equal(await use('a'), 'other-cluster');
    assert.equal(await use('c'), 'used');
    await change({ c: '3' });
    assert.equal(await use('a'), 'other-cluster');
  });

  it('does not change where a member alone was set up anew and the others cannot be asked', async () => {
    const { use, change } = endpoints({ a: '1', b: '1', c: '1' });
    await use('a');
    await nextTurn();
    await change({ a: '2', b: undefined, c: undefined });
    assert.equal(await use('a'), 'other-cluster');
  });

  it('does not change where a member alone was set up anew and the others were never reached', async () => {
    const { use, change } = endpoints({ a: '1', b: undefined, c: undefined });
    await use('a');
    await change({ a: '2' });
    assert.equal(await use('a'), 'other-cluster');
  });

  it('changes once most of them tell the new one and nobody the old one, and then the old one is refused', async () => {
    const { identity, use, change, warnings } = endpoints({ a: '1', b: '1', c: '1' });
    await use('a');
    await nextTurn();
    await change({ a: '2', b: '2', c: undefined });
    assert.equal(await use('b'), 'used');
    assert.equal(identity.clusterId, '2');
    assert.match(warnings.at(-1) ?? '', /set up anew: etcd's cluster 1 is gone, and 2 is there instead/);
    await change({ c: '1' });
    assert.equal(await use('c'), 'other-cluster');
    assert.equal(await use('a'), 'used');
  });

  it('of a single endpoint it changes with it', async () => {
    const { identity, use, change } = endpoints({ a: '1' });
    await use('a');
    await change({ a: '2' });
    assert.equal(await use('a'), 'used');
    assert.equal(identity.clusterId, '2');
  });

  it('is not asked of all several times a second', async () => {
    const { use, change, surveys } = endpoints({ a: '1', b: '2' });
    await use('a');
    for (let i = 0; i < 50; i++) await use('b');
    assert.equal(surveys(), 1);
    await change({});
    await use('b');
    assert.equal(surveys(), 2);
  });
});

describe('a member that is another one than before', () => {
  it('is asked for its cluster on a new connection before anything is written to it', async () => {
    const server = await HostileServer.start(says(200, { header: HEADER }));
    const other = await HostileServer.start(says(200, { header: HEADER }));
    const endpoints = new Endpoints([server.url, other.url], {}, systemClock);
    try {
      await endpoints.ask((member) => put(member, { key: 'x', value: '1' }));
      assert.equal(endpoints.clusterId, HEADER.cluster_id);
      const [own] = endpoints.members;
      assert.ok(own);
      // Once all have been asked for their cluster, too.
      await until(async () => {
        server.asked.length = 0;
        await put(own, { key: 'x', value: '1' });
        return server.asked.length === 1;
      });
      server.asked.length = 0;
      server.respond = says(200, { header: { ...HEADER, cluster_id: '99' } }, { connection: 'close' });
      // On the connection that is there the response tells it, and nothing follows.
      for (let i = 0; i < 3; i++) {
        await assert.rejects(
          put(own, { key: 'x', value: '1' }),
          (error) => (error as EtcdError).kind === 'other-cluster',
        );
      }
      assert.equal(server.asked.filter((path) => path === '/v3/kv/put').length, 1);
    } finally {
      endpoints.close();
      await Promise.all([server.stop(), other.stop()]);
    }
  });
});

describe('endpoints of two clusters', { skip: noEtcd }, () => {
  const value = async (cluster: EtcdCluster) => {
    const member = new EtcdMember(cluster.urls[0] ?? '');
    try {
      return (await range(member, { key: 'which' })).entries[0]?.value;
    } finally {
      member.close();
    }
  };

  it('a node has a leader and readers in one alone, and says what is wrong, while the right one is away too', async () => {
    await inCluster({ voters: 1 }, async (one) => {
      await inCluster({ voters: 1 }, async (other) => {
        const line = await LossyGateway.start(one.urls[0] ?? '');
        const node = await openNode('pi', 'voter', [line.url, other.urls[0] ?? '']);
        const keysOfOther = async () => {
          const member = new EtcdMember(other.urls[0] ?? '');
          const { entries } = await range(member, { key: '/', end: '0' });
          member.close();
          return entries.map(({ key }) => key);
        };
        try {
          await until(() => node.cluster.state.isLeader);
          await until(() =>
            node.log.some((text) => /belongs to cluster [0-9a-f]+, and .* to cluster [0-9a-f]+/.test(text)),
          );
          line.isDown = true;
          line.cut();
          node.publish(3);
          await until(() => node.log.some((text) => /works alone/.test(text) && /belongs to cluster/.test(text)));
          assert.equal(node.cluster.state.isLeader, false);
          assert.equal(node.cluster.counts.waiting, 3);
          line.isDown = false;
          await until(() => node.cluster.counts.waiting === 0 && node.cluster.state.isLeader);
          assert.deepEqual(await keysOfOther(), []);
        } finally {
          await node.close();
          await line.stop();
        }
      });
    });
  });

  it('a cluster that was set up anew at the same addresses is taken over without a restart', async () => {
    await inCluster({ voters: 3 }, async (before) => {
      await inCluster({ voters: 3 }, async (anew) => {
        const lines = await Promise.all(before.urls.map((url) => LossyGateway.start(url)));
        const endpoints = new Endpoints(
          lines.map(({ url }) => url),
          {},
          systemClock,
        );
        const write = (text: string) => endpoints.ask((member) => put(member, { key: 'which', value: text }));
        try {
          await write('before');
          const { clusterId } = endpoints;
          // All are asked once, beside.
          await until(() => lines.every(({ fates }) => (fates.get('passes') ?? 0) > 0));
          // The first machine comes back as one of the new cluster: not before a majority has.
          const [first, second] = lines;
          if (first) first.target = anew.urls[0] ?? '';
          first?.cut();
          await eventually(async () => (await write('still')) > 0n);
          assert.equal(endpoints.clusterId, clusterId);
          assert.equal(await value(before), 'still');
          assert.equal(await value(anew), undefined);
          await before.members[2]?.kill();
          if (second) second.target = anew.urls[1] ?? '';
          second?.cut();
          await eventually(async () => (await write('anew')) > 0n);
          assert.notEqual(endpoints.clusterId, clusterId);
          assert.equal(await value(anew), 'anew');
        } finally {
          endpoints.close();
          await Promise.all(lines.map((line) => line.stop()));
        }
      });
    });
  });
});
