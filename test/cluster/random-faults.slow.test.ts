/**
 * Faults by chance, one after the other, and what was promised through all of them: nothing acknowledged is lost, doubled or
 * out of order, one leader at a time whose token grows, and never a learner (history-checker.ts). The seed is printed;
 * EDGE_WASI_CLUSTER_SEED repeats its order (not its timing), EDGE_WASI_CLUSTER_RUNS=20 goes on with that many seeds.
 */
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../fuzz/random';
import { ClientLinks } from './client-links';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { FAULTS } from './faults';
import { STORE_FAULTS, type StoreScene } from './faults-of-the-store';
import { monotonicMs } from './history';
import { summary } from './history-checker';
import { PeerLinks } from './peer-links';
import { loopbackPlace } from './places';
import { productNode } from './product-node';
import { SteppedClock } from './stepped-clock';
import { Workload } from './workload';

const NAMES = ['a', 'b', 'c', 'd'];
const ROLES = ['leader-preferred', 'voter', 'voter', 'learner'] as const;
const SEED = Number(process.env['EDGE_WASI_CLUSTER_SEED'] ?? Date.now() & 0xffff);
const RUNS = Number(process.env['EDGE_WASI_CLUSTER_RUNS'] ?? 2);
const FAULTS_IN_A_RUN = 8;
const BETWEEN_MS = 300;
/** etcd keeps 1 MiB of a node, and what it keeps no more would be taken for lost. */
const EXPECTED_S = 150;

/** Each of these faults once at most. */
function chosen(random: Random): readonly { readonly name: string; run(scene: StoreScene): Promise<void> }[] {
  const left = [...FAULTS, ...STORE_FAULTS];
  return Array.from({ length: FAULTS_IN_A_RUN }, () => left.splice(random.below(left.length), 1)).flat();
}

describe('a cluster under faults by chance', { skip: noEtcd }, () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    it(`keeps its promises (seed ${seed})`, async (test) => {
      const random = new Random(seed, 0);
      const place = loopbackPlace();
      const links = await PeerLinks.open(place, NAMES, seed);
      test.after(() => links.close());
      const clients = await ClientLinks.open(place, NAMES, links, seed);
      test.after(() => clients.close());
      const clocks = new Map(NAMES.map((name) => [name, new SteppedClock()]));
      const kind = productNode(EXPECTED_S, (node) => clocks.get(node) ?? new SteppedClock());
      const options = { voters: 3, learners: 1, names: NAMES, place, advertise: links.advertise };
      await inCluster(options, async (cluster) => {
        await links.learn(cluster);
        const nodes = NAMES.map((name, i) => ({ name, urls: clients.urlsOf(name), role: ROLES[i] ?? 'voter' }));
        const work = await Workload.start(kind, nodes, seed);
        try {
          const scene = { cluster, work, partitions: clients, links, random, clients, clocks };
          await work.goesOn();
          for (const fault of chosen(random)) {
            const from = monotonicMs();
            await fault.run(scene);
            test.diagnostic(`${fault.name}: ${Math.round(work.pauseSince(from))} ms without an acknowledgement`);
            await pause(BETWEEN_MS);
          }
          test.diagnostic(summary(await work.finish(`random-faults-${seed}`, cluster)));
        } finally {
          await work.close();
        }
      });
    });
  }
});
