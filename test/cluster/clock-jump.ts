/**
 * Runs inside the tests' kernel, whose clock may be set: three voters and a learner under the plain workload while the date
 * jumps forward and back by hours and days. Ends with 0 where every promise was kept.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { inCluster } from './etcd-cluster';
import { summary } from './history-checker';
import { PLAIN } from './plain-node';
import { nodesOf, Workload } from './workload';

const SEED = 41;
const HOUR_MS = 3_600_000;
const JUMPS_MS = [-3 * HOUR_MS, 40 * 24 * HOUR_MS];
/** Longer than a lease. */
const BETWEEN_MS = 5_000;

async function main(): Promise<void> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  await inCluster({ voters: 3, learners: 1 }, async (cluster) => {
    const work = await Workload.start(PLAIN, nodesOf(cluster), SEED);
    try {
      await work.goesOn();
      for (const jumpMs of JUMPS_MS) {
        const before = Date.now();
        execFileSync('date', ['-s', `@${Math.floor((before + jumpMs) / 1_000)}`], { stdio: 'ignore' });
        if (Math.abs(Date.now() - before - jumpMs) > HOUR_MS / 2) throw new Error('the clock cannot be set here');
        await pause(BETWEEN_MS);
        await work.goesOn();
      }
      console.log(`seed ${SEED}: ${summary(await work.finish('clock-jump', cluster))}`);
    } finally {
      await work.close();
    }
  });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
