/** Members that nobody has tuned, as `apt install etcd-server` starts them, on links of 200 ms there and back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until';
import { type OpenNode, openNode, quantile, whatIsWrong } from './cluster-nodes';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { PeerLinks } from './peer-links';
import { loopbackPlace } from './places';

const NAMES = ['a', 'b', 'c'];
const SEED = 24;
const ONE_WAY_MS = 100;
const ROUNDS = 60;
/** etcd's own defaults. */
const UNTUNED = {
  ETCD_HEARTBEAT_INTERVAL: '100',
  ETCD_ELECTION_TIMEOUT: '1000',
  ETCD_PRE_VOTE: 'false',
  ETCD_SNAPSHOT_COUNT: '100000',
};

describe('untuned members on slow links', { skip: noEtcd }, () => {
  it('have all readings of all, once and in order, and never two who lead', async (test) => {
    const place = loopbackPlace();
    const links = await PeerLinks.open(place, NAMES, SEED);
    test.after(() => links.close());
    const options = { voters: 3, names: NAMES, place, advertise: links.advertise, environment: UNTUNED };
    await inCluster(options, async (cluster) => {
      links.setEverywhere({ kind: 'slow', delayMs: ONE_WAY_MS, jitterMs: 20 });
      const nodes: OpenNode[] = [];
      for (const [i, own] of cluster.urls.entries())
        nodes.push(await openNode(`node${i}`, 'voter', [own, ...cluster.urls.filter((url) => url !== own)]));
      await until(() => nodes.every(({ cluster: one }) => one.state.connected));
      await until(() => nodes.some(({ cluster: one }) => one.leading().isLeader));
      let mostLeaders = 0;
      let led = 0;
      for (let round = 0; round < ROUNDS; round++) {
        for (const node of nodes) node.publish(2);
        await pause(200);
        const leaders = nodes.filter(({ cluster: one }) => one.leading().isLeader).length;
        mostLeaders = Math.max(mostLeaders, leaders);
        led += leaders;
      }
      await until(
        () => whatIsWrong(nodes) === undefined,
        () => whatIsWrong(nodes) ?? '',
      );
      const delays = nodes.flatMap((node) => node.delays);
      test.diagnostic(`p50 ${quantile(delays, 0.5)} ms, p99 ${quantile(delays, 0.99)} ms; led in ${led} of ${ROUNDS}`);
      test.diagnostic(`log: ${nodes.flatMap(({ log }) => log).join('; ') || 'nothing'}`);
      assert.ok(mostLeaders <= 1, `${mostLeaders} led at once`);
      await Promise.all(nodes.map((node) => node.close()));
    });
  });
});
