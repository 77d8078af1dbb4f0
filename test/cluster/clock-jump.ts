/**
 * Runs inside the tests' kernel, whose clock may be set: three voters and a learner under the plain workload while the date
 * jumps forward and back by hours and days. Ends with 0 where every promise was kept.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { deleteRange, put } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { presenceKey } from '../../src/cluster/keys';
import { presenceText } from '../../src/cluster/wire';
import { until } from '../support/until';
import { inCluster } from './etcd-cluster';
import { type Following, follow } from './following';
import { summary } from './history-checker';
import { PLAIN } from './plain-node';
import { nodesOf, Workload } from './workload';

const SEED = 41;
const HOUR_MS = 3_600_000;
const JUMPS_MS = [-3 * HOUR_MS, 40 * 24 * HOUR_MS];
/** Longer than a lease. */
const BETWEEN_MS = 5_000;

/** Another node that shows itself is seen now, whatever this machine's clock was before, and has a clock that is right. */
async function isSeenNow(url: string, { follower, nodes }: Following): Promise<void> {
  const member = new EtcdMember(url);
  const other = () => nodes.all().find(({ node }) => node === 'other');
  try {
    await until(() => follower.state.kind === 'following');
    await deleteRange(member, { key: presenceKey('other') });
    await until(() => other()?.isPresent !== true);
    const presence = presenceText({ role: 'learner', version: '1.0.0', clock: Date.now(), instance: 'x' });
    await put(member, { key: presenceKey('other'), value: presence });
    const { lastSeen, skewMs = Number.NaN } = await until(() => other()?.isPresent && other());
    for (const offMs of [Date.now() - lastSeen, skewMs]) {
      if (!(Math.abs(offMs) < HOUR_MS)) throw new Error(`another node is ${offMs} ms from now`);
    }
  } finally {
    member.close();
  }
}

async function main(): Promise<void> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  await inCluster({ voters: 3, learners: 1 }, async (cluster) => {
    const work = await Workload.start(PLAIN, nodesOf(cluster), SEED);
    const following = follow(cluster.urls);
    try {
      await work.goesOn();
      await isSeenNow(cluster.urls[0] ?? '', following);
      for (const jumpMs of JUMPS_MS) {
        const before = Date.now();
        execFileSync('date', ['-s', `@${Math.floor((before + jumpMs) / 1_000)}`], { stdio: 'ignore' });
        if (Math.abs(Date.now() - before - jumpMs) > HOUR_MS / 2) throw new Error('the clock cannot be set here');
        await pause(BETWEEN_MS);
        await work.goesOn();
        await isSeenNow(cluster.urls[0] ?? '', following);
      }
      console.log(`seed ${SEED}: ${summary(await work.finish('clock-jump', cluster))}`);
    } finally {
      await following.close();
      await work.close();
    }
  });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
