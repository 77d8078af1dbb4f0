/** Two whole nodes with one name, as the runtime opens them, and a third that sees them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until';
import { type OpenNode, openNode } from './cluster-nodes';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const SAMPLE_MS = 20;

function saysSo({ log }: OpenNode): boolean {
  return log.some((text) => /another node .*"twin"/.test(text));
}

describe('two nodes with one name', { skip: noEtcd }, () => {
  it('both say so, never lead both, and the one that stays is healthy to others all along', async () => {
    await inCluster({ voters: 1 }, async ({ urls }) => {
      const first = await openNode('twin', 'leader-preferred', urls);
      const observer = await openNode('observer', 'learner', urls);
      const isTwinHealthy = () => observer.cluster.state.members.find(({ node }) => node === 'twin')?.healthy === true;
      await until(isTwinHealthy);
      const second = await openNode('twin', 'leader-preferred', urls);
      const sampling = new AbortController();
      let mostLeaders = 0;
      let unhealthy = 0;
      const samples = (async () => {
        while (!sampling.signal.aborted) {
          const leading = [first, second].filter(({ cluster }) => cluster.leading().isLeader).length;
          mostLeaders = Math.max(mostLeaders, leading);
          if (!isTwinHealthy()) unhealthy += 1;
          await pause(SAMPLE_MS);
        }
      })();
      // Neither publishes anything: their presence alone tells.
      await until(() => saysSo(first) && saysSo(second));
      await second.close();
      // As long as a presence lasts that nobody renews.
      await pause(12_000);
      sampling.abort();
      await samples;
      assert.equal(mostLeaders, 1);
      assert.equal(unhealthy, 0);
      assert.ok(isTwinHealthy());
      await until(() => first.cluster.leading().isLeader);
      await first.close();
      await until(() => !isTwinHealthy());
      await observer.close();
    });
  });
});
