/**
 * More nodes than members: three and five voters, a node at each, and twenty further ones that have no etcd and ask the
 * voters. Everybody has everybody's readings, and what they take does not grow with what went through.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '../support/until';
import { type OpenNode, openNode, quantile, whatIsWrong } from './cluster-nodes';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const FURTHER = 20;
const ROUNDS = 10;
/** Of all nodes together, which are told more than 10 000 readings meanwhile: some 2.5 MB, if anything kept them. */
const GROWTH_BYTES = 1.5 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

async function openAll(urls: readonly string[]): Promise<OpenNode[]> {
  const others = (url: string) => [url, ...urls.filter((other) => other !== url)];
  const nodes: OpenNode[] = [];
  for (const [i, url] of urls.entries()) nodes.push(await openNode(`member${i}`, 'voter', others(url)));
  for (let i = 0; i < FURTHER; i++)
    nodes.push(await openNode(`further${i}`, 'learner', others(urls[i % urls.length] ?? '')));
  return nodes;
}

async function publishAll(nodes: readonly OpenNode[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const node of nodes) node.publish(2);
    await pause(50);
  }
  await until(
    () => whatIsWrong(nodes) === undefined && nodes.every(({ cluster }) => cluster.counts.waiting === 0),
    () => whatIsWrong(nodes) ?? 'somebody still has something to hand over',
  );
}

describe('twenty nodes without a member of their own', { skip: noEtcd }, () => {
  for (const voters of [3, 5]) {
    it(`have all of everybody's readings, and everybody theirs, with ${voters} voters`, async (t) => {
      await inCluster({ voters }, async ({ urls }) => {
        const nodes = await openAll(urls);
        await until(() => nodes.every(({ cluster }) => cluster.state.members.length === nodes.length));
        await publishAll(nodes);
        const before = heapBytes();
        await publishAll(nodes);
        const grown = heapBytes() - before;
        const delays = nodes.flatMap((node) => node.delays);
        t.diagnostic(
          `${nodes.length} nodes: p50 ${quantile(delays, 0.5)} ms, p99 ${quantile(delays, 0.99)} ms, ` +
            `${(grown / 2 ** 20).toFixed(1)} MiB more after as much again`,
        );
        assert.ok(grown < GROWTH_BYTES, `${grown} bytes`);
        const leading = nodes.filter(({ cluster }) => cluster.leading().isLeader);
        assert.ok(leading.length <= 1 && leading.every(({ name }) => name.startsWith('member')));
        await Promise.all(nodes.map((node) => node.close()));
      });
    });
  }
});
