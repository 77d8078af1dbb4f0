/**
 * From Debian's etcd to the newest there is, one minor version at a time and one member at a time, while nodes publish and
 * follow: no promise is broken on the way, and the cluster ends as the newest. Builds: build/etcd-versions.json.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../support/until';
import { statusOf } from './etcd-calls';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import type { EtcdMember } from './etcd-member';
import { everyEtcd, noEtcd, noNewerEtcds } from './etcd-programs';
import { monotonicMs } from './history';
import { summary } from './history-checker';
import { productNode } from './product-node';
import { nodesOf, Workload } from './workload';

const SEED = 35;
const UPGRADE_S = 60;
/** What takes the product's members an hour or two. */
const SHORT_LIVES = { ETCD_SNAPSHOT_COUNT: '200' };

/** What all members have settled on; etcd raises it when the last one has been upgraded. */
async function clusterVersion(url: string): Promise<string> {
  const answer: { readonly etcdcluster: string } = await (await fetch(`${url}/version`)).json();
  return answer.etcdcluster;
}

/** What a member starts from: the index of its newest snapshot, 0 without one. Files are called <term>-<index>.snap, in hex. */
function snapshotIndex({ dataDir }: EtcdMember): number {
  const files = readdirSync(join(dataDir, 'member', 'snap')).map(
    (file) => /^[0-9a-f]+-([0-9a-f]+)\.snap$/.exec(file)?.[1],
  );
  return Math.max(0, ...files.map((index) => Number.parseInt(index ?? '0', 16)));
}

/**
 * A cluster that has lived: no member has to read again, with another version, what the one before wrote. On a young one
 * etcd itself fails. A 3.5 that replays from the first entry takes members for removed (what it did about "zombie members",
 * https://github.com/etcd-io/etcd/pull/20995), and 3.7 ends at what 3.4 wrote.
 */
async function liveOn(cluster: EtcdCluster): Promise<void> {
  const { raftIndex } = await statusOf((await cluster.leader()).clientUrl);
  await until(() => cluster.members.every((member) => snapshotIndex(member) > raftIndex));
}

/** The leader last, as etcd's upgrade guides have it: it hands over once a version, not with each member. */
async function upgrade(cluster: EtcdCluster, etcd: string, work: Workload): Promise<void> {
  const leader = (await cluster.leader()).name;
  const names = cluster.members.map(({ name }) => name).filter((name) => name !== leader);
  for (const name of [...names, leader]) {
    await cluster.restart(name, etcd);
    await work.goesOn();
  }
}

describe('a rolling upgrade', { skip: noEtcd || noNewerEtcds }, () => {
  it('goes from Debian to the newest without losing or doubling a reading', async (test) => {
    const [, ...steps] = everyEtcd();
    await inCluster({ voters: 3, learners: 1, environment: SHORT_LIVES }, async (cluster) => {
      const work = await Workload.start(productNode(UPGRADE_S), nodesOf(cluster), SEED);
      try {
        for (const { version, etcd } of steps) {
          await liveOn(cluster);
          const from = monotonicMs();
          await upgrade(cluster, etcd, work);
          const { clientUrl } = await cluster.leader();
          await until(async () => version.startsWith((await clusterVersion(clientUrl)).slice(0, 3)));
          assert.equal((await statusOf(cluster.member('d').clientUrl)).isLearner, true);
          test.diagnostic(`to ${version}: ${Math.round(work.pauseSince(from))} ms without an acknowledgement`);
        }
        assert.deepEqual(
          cluster.members.filter(({ running }) => !running).map(({ name }) => name),
          [],
        );
        test.diagnostic(summary(await work.finish('upgrade', cluster)));
      } finally {
        await work.close();
      }
    });
  });
});
