/**
 * From Debian's etcd to the newest there is, one minor version at a time and one member at a time, while nodes publish and
 * follow: no promise is broken on the way, and the cluster ends as the newest. Builds: build/etcd-versions.json.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { REPOSITORY } from '../wasm/components';
import { statusOf } from './etcd-calls';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { etcdPrograms, noEtcd } from './etcd-programs';
import { monotonicMs } from './history';
import { summary } from './history-checker';
import { PRODUCT } from './product-node';
import { nodesOf, Workload } from './workload';

interface Build {
  readonly version: string;
  readonly etcd: string;
}

const FILE = join(REPOSITORY, 'build', 'etcd-versions.json');
const SEED = 35;
const AGREE_LIMIT_MS = 20_000;

function look(): readonly Build[] | { readonly reason: string } {
  if (!existsSync(FILE)) return { reason: 'there is no build/etcd-versions.json: run "npm test -- cluster"' };
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

const builds = look();
const noBuilds = 'reason' in builds && builds.reason;

/** What all members have settled on; etcd raises it when the last one has been upgraded. */
async function clusterVersion(url: string): Promise<string> {
  const answer: { readonly etcdcluster: string } = await (await fetch(`${url}/version`)).json();
  return answer.etcdcluster;
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

/**
 * As the unit does (Restart=always). etcd 3.6 that starts without a snapshot refuses its peers for some ms while it reads
 * its log, as ones that were removed; who asks it just then takes that for the truth, and ends.
 */
function startAgain(cluster: EtcdCluster, etcd: string): readonly string[] {
  const ended = cluster.members.filter(({ running }) => !running);
  for (const member of ended) member.start(etcd);
  return ended.map(({ name }) => name);
}

describe('a rolling upgrade', { skip: noEtcd || noBuilds }, () => {
  it('goes from Debian to the newest without losing or doubling a reading', async (test) => {
    assert.ok(!('reason' in builds));
    const minor = (version: string) => Number(version.split('.')[1]);
    const steps = builds.filter(({ version }) => minor(version) > minor(etcdPrograms().version));
    await inCluster({ voters: 3, learners: 1 }, async (cluster) => {
      const work = await Workload.start(PRODUCT, nodesOf(cluster), SEED);
      try {
        for (const { version, etcd } of steps) {
          const from = monotonicMs();
          await upgrade(cluster, etcd, work);
          const { clientUrl } = await cluster.leader();
          const isAgreed = async () => version.startsWith((await clusterVersion(clientUrl)).slice(0, 3));
          for (const endsAt = Date.now() + AGREE_LIMIT_MS; !(await isAgreed()) && Date.now() < endsAt; ) {
            const ended = startAgain(cluster, etcd);
            if (ended.length > 0) test.diagnostic(`${version}: ${ended.join(', ')} had ended, and started again`);
            await pause(100);
          }
          assert.equal((await clusterVersion(clientUrl)).slice(0, 3), version.slice(0, 3));
          assert.equal((await statusOf(cluster.member('d').clientUrl)).isLearner, true);
          test.diagnostic(`to ${version}: ${Math.round(work.pauseSince(from))} ms without an acknowledgement`);
        }
        test.diagnostic(summary(await work.finish('upgrade', cluster)));
      } finally {
        await work.close();
      }
    });
  });
});
