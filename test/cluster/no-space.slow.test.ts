/** Clusters whose small quota somebody else has used up: the nodes make room at every member, and publish again. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { deleteRange, put, under } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { alarms } from '../../src/cluster/etcd/membership';
import { until } from '../support/until';
import { type OpenNode, openNode, whatIsWrong } from './cluster-nodes';
import { statusOf } from './etcd-calls';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const MIB = 2 ** 20;
/** Rounds of each case; a fault that comes in one of four runs takes more of them to be seen. */
const ROUNDS = Number(process.env['EDGE_WASI_NO_SPACE_ROUNDS'] ?? 1);
/** Generous: some ten seconds are expected. */
const RECOVERY_LIMIT_MS = 60_000;

/** The alarm comes back with each write, and is ended again every few seconds. */
const FULL_LEARNER_LIMIT_MS = 240_000;

const durations: number[] = [];
after(() => {
  if (durations.length > 0) console.log(`ms to recover: ${[...durations].sort((a, b) => a - b).join(' ')}`);
});

/** Until etcd refuses it; with a signal, on and on until that aborts. */
async function fill(url: string, key: (n: number) => string, bytes: number, until?: AbortSignal): Promise<void> {
  const member = new EtcdMember(url, { deadlineMs: 10_000 });
  try {
    for (let n = 0; until === undefined || !until.aborted; n++) {
      try {
        await put(member, { key: key(n), value: 'x'.repeat(bytes) });
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        if (error.kind !== 'no-space') continue;
        if (until === undefined) return;
        await pause(50);
      }
    }
  } finally {
    member.close();
  }
}

/** Each at its own member, the others as fallback; a member that is not in `at` has no node. */
async function openAll(cluster: EtcdCluster, at: readonly number[]): Promise<OpenNode[]> {
  const nodes: OpenNode[] = [];
  for (const i of at) {
    const own = cluster.urls[i] ?? '';
    nodes.push(await openNode(`node${i}`, 'voter', [own, ...cluster.urls.filter((url) => url !== own)]));
  }
  await until(
    () => nodes.every(({ cluster: one }) => one.state.connected && one.state.leader !== ''),
    () => JSON.stringify(nodes.map(({ cluster: one, log }) => [one.state, log])),
  );
  return nodes;
}

/** Everybody publishes and has everything again, somebody leads, and no alarm is left. */
async function recovered(cluster: EtcdCluster, nodes: readonly OpenNode[], since: number): Promise<void> {
  for (const node of nodes) node.publish(3);
  const situation = async () => {
    const sizes = await Promise.all(
      cluster.urls.map(async (url) => `${((await statusOf(url)).dbSize / MIB).toFixed(1)} MB`),
    );
    const waiting = nodes.map(({ cluster: { counts, state } }) => `${state.connected} ${counts.waiting}`);
    return `${sizes.join(', ')}; ${waiting.join(', ')}; ${whatIsWrong(nodes) ?? 'all is there'}`;
  };
  let last = '';
  await until(
    async () => {
      last = await situation();
      return nodes.every(
        ({ cluster: one }) => one.state.connected && one.counts.waiting === 0 && one.state.leader !== '',
      );
    },
    () => last,
    RECOVERY_LIMIT_MS,
  );
  await until(
    () => whatIsWrong(nodes) === undefined,
    () => whatIsWrong(nodes) ?? '',
    RECOVERY_LIMIT_MS,
  );
  durations.push(Math.round(performance.now() - since));
  const member = new EtcdMember(cluster.urls[0] ?? '');
  assert.deepEqual(await alarms(member), []);
  member.close();
}

describe('a cluster without space', { skip: noEtcd }, () => {
  for (const { mebibytes, at } of [
    { mebibytes: 8, at: [0, 1, 2] },
    { mebibytes: 8, at: [0, 1] },
    { mebibytes: 16, at: [0, 1, 2] },
  ]) {
    it(`publishes again once ${mebibytes} MB are full of what was overwritten, with nodes at ${at} of three members`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const environment = { ETCD_QUOTA_BACKEND_BYTES: String(mebibytes * MIB) };
        await inCluster({ voters: 3, environment }, async (cluster) => {
          const nodes = await openAll(cluster, at);
          for (const node of nodes) node.publish(20);
          await fill(cluster.urls[round % 3] ?? '', (n) => `theirs/${n % 3}`, 200_000);
          await recovered(cluster, nodes, performance.now());
          await Promise.all(nodes.map((node) => node.close()));
        });
      }
    });
  }

  it('whose learner is full says what an administrator has to do, and hands its readings over meanwhile', async () => {
    // The learner alone raises the alarm: its quota is the smaller one, against what this package writes.
    const environment = { ETCD_QUOTA_BACKEND_BYTES: String(32 * MIB) };
    const learnerEnvironment = { ETCD_QUOTA_BACKEND_BYTES: String(4 * MIB) };
    await inCluster({ voters: 3, learners: 1, environment, learnerEnvironment }, async (cluster) => {
      const nodes = await openAll(cluster, [0, 3]);
      await fill(cluster.urls[0] ?? '', (n) => `theirs/${n % 3}`, 200_000);
      for (const node of nodes) node.publish(20);
      await until(() => nodes.some(({ log }) => log.some((text) => /etcd defragments no learner/.test(text))));
      await until(
        () => whatIsWrong(nodes) === undefined,
        () => whatIsWrong(nodes) ?? '',
        FULL_LEARNER_LIMIT_MS,
      );
      await Promise.all(nodes.map((node) => node.close()));
    });
  });

  it('publishes again with a learner, whose quota is four times as large', async () => {
    const environment = { ETCD_QUOTA_BACKEND_BYTES: String(8 * MIB) };
    const learnerEnvironment = { ETCD_QUOTA_BACKEND_BYTES: String(4 * 8 * MIB) };
    for (let round = 0; round < ROUNDS; round++) {
      await inCluster({ voters: 3, learners: 1, environment, learnerEnvironment }, async (cluster) => {
        const nodes = await openAll(cluster, [0, 1, 2, 3]);
        await fill(cluster.urls[0] ?? '', (n) => `theirs/${n % 3}`, 200_000);
        await recovered(cluster, nodes, performance.now());
        await Promise.all(nodes.map((node) => node.close()));
      });
    }
  });

  it('publishes again once somebody has deleted what filled it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const environment = { ETCD_QUOTA_BACKEND_BYTES: String(8 * MIB) };
      await inCluster({ voters: 3, environment }, async (cluster) => {
        const nodes = await openAll(cluster, [0, 1, 2]);
        for (const node of nodes) node.publish(20);
        const filling = new AbortController();
        const filled = fill(cluster.urls[1] ?? '', (n) => `theirs/${n}`, 50_000, filling.signal);
        // What the nodes free is filled again: they cannot do anything about it, and say so.
        await until(() =>
          nodes.some(({ log }) => log.some((text) => /space is used up by what is kept in it/.test(text))),
        );
        filling.abort();
        await filled;
        const member = new EtcdMember(cluster.urls[2] ?? '', { deadlineMs: 10_000 });
        await deleteRange(member, under('theirs/'));
        member.close();
        await recovered(cluster, nodes, performance.now());
        await Promise.all(nodes.map((node) => node.close()));
      });
    }
  });
});
