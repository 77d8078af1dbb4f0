/**
 * Nodes under faults: no acknowledged reading lost, none doubled, one holder of the lease at a time. The nodes are the
 * product's; EDGE_WASI_CLUSTER_NODES=plain shows what etcd promises to plain clients. Every fault once, in an order of the
 * seed; EDGE_WASI_CLUSTER_SECONDS=600 goes on with faults by chance for that long, EDGE_WASI_CLUSTER_SEED repeats one
 * run's order (not its timing), EDGE_WASI_CLUSTER_FAULT='the leader is killed' keeps to that kind. Seeds, and how long each
 * fault kept everybody from being acknowledged, are printed.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../fuzz/random';
import { ClientLinks } from './client-links';
import { type ClusterOptions, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { FAULTS, type Fault, type Scene } from './faults';
import { monotonicMs } from './history';
import { summary } from './history-checker';
import { Namespaces } from './namespaces';
import { PeerLinks } from './peer-links';
import { loopbackPlace } from './places';
import { PLAIN } from './plain-node';
import { productNode } from './product-node';
import { Workload } from './workload';

const NAMES = ['a', 'b', 'c', 'd'];
const ROLES = ['leader-preferred', 'voter', 'voter'] as const;
const SEED = Number(process.env['EDGE_WASI_CLUSTER_SEED'] ?? Date.now() & 0xffff);
const MORE_S = Number(process.env['EDGE_WASI_CLUSTER_SECONDS'] ?? 0);
const ONLY = process.env['EDGE_WASI_CLUSTER_FAULT'];
const BETWEEN_MS = 300;
/** All faults once, which the last round may begin just before the end. */
const ROUND_S = 150;
const EXPECTED_S = MORE_S > 0 ? MORE_S + ROUND_S : 0;
const KIND = process.env['EDGE_WASI_CLUSTER_NODES'] === 'plain' ? PLAIN : productNode(EXPECTED_S);

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list];
  return list.flatMap(() => left.splice(random.below(left.length), 1));
}

async function suffer(test: TestContext, name: string, faults: readonly Fault[], scene: Scene): Promise<void> {
  test.diagnostic(`${name}: seed ${SEED}`);
  const endsAt = performance.now() + MORE_S * 1_000;
  const run = async (fault: Fault) => {
    const from = monotonicMs();
    await fault.run(scene);
    test.diagnostic(`${fault.name}: ${Math.round(scene.work.pauseSince(from))} ms without an acknowledgement`);
    await pause(BETWEEN_MS);
  };
  for (const fault of shuffled(faults, scene.random)) await run(fault);
  while (performance.now() < endsAt) for (const fault of shuffled(faults, scene.random)) await run(fault);
}

async function survive(
  test: TestContext,
  name: string,
  faults: readonly Fault[],
  options: ClusterOptions,
  around: Pick<Scene, 'links'> & { readonly clients: ClientLinks },
): Promise<void> {
  await inCluster(options, async (cluster) => {
    await around.links?.learn(cluster);
    const nodes = NAMES.map((node, i) => ({
      name: node,
      urls: around.clients.urlsOf(node),
      role: ROLES[i] ?? ('learner' as const),
    }));
    const work = await Workload.start(KIND, nodes, SEED);
    try {
      const scene = { cluster, work, partitions: around.clients, links: around.links, random: new Random(SEED, 0) };
      await suffer(test, name, faults, scene);
      test.diagnostic(summary(await work.finish(name, cluster)));
    } finally {
      await work.close();
    }
  });
}

describe('a cluster under faults', { skip: noEtcd }, () => {
  it('keeps what it acknowledged, once, and one leader at a time, whatever its links do', async (test) => {
    const place = loopbackPlace();
    const links = await PeerLinks.open(place, NAMES, SEED);
    test.after(() => links.close());
    const clients = await ClientLinks.open(place, NAMES, links, SEED);
    test.after(() => clients.close());
    const faults = FAULTS.filter(({ needsLinks }) => needsLinks || MORE_S > 0);
    const options = { voters: 3, learners: 1, names: NAMES, place, advertise: links.advertise };
    await survive(test, 'faults-by-proxies', faults, options, { links, clients });
  });

  it('keeps it whoever is killed or cut off', async (test) => {
    const place = await Namespaces.open(NAMES);
    if ('reason' in place) return test.skip(place.reason);
    const clients = await ClientLinks.open(place, NAMES, place, SEED);
    test.after(() => clients.close());
    const faults = FAULTS.filter(({ needsLinks, name }) => !needsLinks && (ONLY ?? name) === name);
    assert.ok(faults.length > 0, `there is no fault "${ONLY}"`);
    await survive(
      test,
      'faults-in-namespaces',
      faults,
      { voters: 3, learners: 1, names: NAMES, place },
      { links: undefined, clients },
    );
  });
});
