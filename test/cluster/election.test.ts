/** Who leads, with real etcd members that are killed and lines that fail: one at most, and one soon again. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Election } from '../../src/cluster/election';
import { Endpoints } from '../../src/cluster/endpoints';
import { deleteRange, put } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { wantsLeaderKey } from '../../src/cluster/keys';
import type { ClusterRole } from '../../src/host-config/host-config';
import { type Clock, systemClock } from '../../src/platform/clock';
import { until } from '../support/until';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { History } from './history';
import { leaseFindings } from './lease-checks';
import { LossyGateway } from './lossy-gateway';
import { seeded } from './numbered-readings';

interface Candidate {
  readonly name: string;
  readonly election: Election;
  readonly gateways: readonly LossyGateway[];
  close(): Promise<void>;
}

const TRIES = seeded(7);
/** Closed after each test, also one that failed: its process would not end. */
const standing = new Set<Candidate>();
const YEAR_MS = 365 * 24 * 3_600_000;

/** `urls`: of the members, the own one first; each behind a line of its own. */
async function stand(
  name: string,
  role: ClusterRole,
  urls: readonly string[],
  fate = () => 'passes' as const,
  clock = systemClock,
) {
  const gateways = await Promise.all(urls.map((url) => LossyGateway.start(url, fate)));
  const endpoints = new Endpoints(
    gateways.map(({ url }) => url),
    {},
    clock,
  );
  const instance = `${name}-${TRIES()}`;
  const around = {
    node: name,
    instance,
    role,
    endpoints,
    clock,
    random: TRIES,
    onChange: () => undefined,
  };
  const election = new Election(around);
  election.start();
  const candidate: Candidate = {
    name,
    election,
    gateways,
    close: async () => {
      standing.delete(candidate);
      await election.close();
      endpoints.close();
      await Promise.all(gateways.map((gateway) => gateway.stop()));
    },
  };
  standing.add(candidate);
  return candidate;
}

function isLeading({ election }: Candidate): boolean {
  return election.leadership.kind === 'leading';
}

function tokenOf({ election }: Candidate): number | undefined {
  const { leadership } = election;
  return leadership.kind === 'leading' ? leadership.token : undefined;
}

/** Asks every candidate all the time, as its users do. */
function record(history: History, candidates: () => readonly Candidate[]) {
  const timer = setInterval(() => {
    for (const { name, election } of candidates()) {
      const { leadership } = election;
      if (leadership.kind === 'leading') history.add({ kind: 'held', node: name, token: leadership.token });
    }
  }, 5);
  // A test that fails does not clear it.
  timer.unref();
  return () => {
    clearInterval(timer);
    const { findings, longestVacancyMs } = leaseFindings(history.of('held'), []);
    assert.deepEqual(findings, [], history.keep('election'));
    return longestVacancyMs;
  };
}

describe('the election', { skip: noEtcd }, () => {
  afterEach(async () => {
    for (const candidate of [...standing]) await candidate.close();
  });

  it('one node leads; when it leaves, or is cut off, another does, and never two', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const all: Candidate[] = [];
      const checked = record(new History(1), () => all);
      for (const [name, role] of [
        ['revpi', 'leader-preferred'],
        ['pi4', 'voter'],
        ['zero', 'learner'],
      ] as const) {
        all.push(await stand(name, role, cluster.urls));
        // The first one, before there is another: which of two leads a new store depends on when each looks at it.
        await until(() => all.some(isLeading));
      }
      const [revpi, pi4, zero] = all as [Candidate, Candidate, Candidate];
      await until(() => pi4.election.leader === 'revpi' && zero.election.leader === 'revpi');
      // It cannot reach etcd any more, and knows that it leads no longer before another does.
      for (const gateway of revpi.gateways) gateway.isDown = true;
      await until(() => isLeading(pi4));
      assert.equal(isLeading(revpi), false);
      for (const gateway of revpi.gateways) gateway.isDown = false;
      await until(() => revpi.election.leader === 'pi4');
      await pi4.close();
      await until(() => isLeading(revpi));
      await revpi.close();
      await pause(1_000);
      assert.equal(isLeading(zero), false);
      await zero.close();
      checked();
    });
  });

  it('the leadership goes back to a preferred leader that wants it, and to nobody in between', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const pi4 = await stand('pi4', 'voter', cluster.urls);
      await until(() => isLeading(pi4));
      const revpi = await stand('revpi', 'leader-preferred', cluster.urls);
      const other = await stand('other', 'voter', cluster.urls);
      const history = new History(2);
      const checked = record(history, () => [pi4, revpi, other]);
      await until(() => revpi.election.leader === 'pi4');
      const member = new EtcdMember(cluster.urls[0] ?? '');
      await put(member, { key: wantsLeaderKey('revpi'), value: '{}' });
      await until(() => isLeading(revpi));
      await deleteRange(member, { key: wantsLeaderKey('revpi') });
      await pause(1_500);
      assert.ok(isLeading(revpi));
      assert.deepEqual([...new Set(history.of('held').map(({ node }) => node))], ['pi4', 'revpi']);
      member.close();
      for (const candidate of [other, pi4, revpi]) await candidate.close();
      checked();
    });
  });

  it('whoever takes over from a preferred leader that is gone keeps it, though that one seems to want it still', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const [url = ''] = cluster.urls;
      const member = new EtcdMember(url);
      const revpi = await stand('revpi', 'leader-preferred', cluster.urls);
      await until(() => isLeading(revpi));
      await put(member, { key: wantsLeaderKey('revpi'), value: '{}' });
      const pi4 = await stand('pi4', 'voter', cluster.urls);
      const other = await stand('other', 'voter', cluster.urls);
      await until(() => pi4.election.leader === 'revpi' && other.election.leader === 'revpi');
      // Without a word: what it wants is still in etcd.
      for (const gateway of revpi.gateways) gateway.isDown = true;
      await until(() => isLeading(pi4) || isLeading(other));
      const heir = isLeading(pi4) ? pi4 : other;
      const token = tokenOf(heir);
      await pause(2_500);
      assert.equal(tokenOf(heir), token);
      member.close();
      for (const candidate of [other, pi4, revpi]) await candidate.close();
    });
  });

  it('when the node that leads goes, with the member that leads, another leads within seconds', async (t) => {
    await inCluster({ voters: 3 }, async (cluster) => {
      const etcdLeader = await cluster.leader();
      const urls = [etcdLeader.clientUrl, ...cluster.urls.filter((url) => url !== etcdLeader.clientUrl)];
      const revpi = await stand('revpi', 'leader-preferred', urls);
      await until(() => isLeading(revpi));
      const pi4 = await stand('pi4', 'voter', urls.slice(1));
      await until(() => pi4.election.leader === 'revpi');
      const checked = record(new History(3), () => [revpi, pi4]);
      await pause(300);
      await etcdLeader.kill();
      for (const gateway of revpi.gateways) gateway.isDown = true;
      await until(() => isLeading(pi4));
      await pause(300);
      t.diagnostic(`nobody led for ${checked().toFixed(0)} ms`);
      await pi4.close();
      await revpi.close();
    });
  });

  it('the token grows over stores: etcd is emptied under nodes that run, and under nodes that were started anew', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const [member] = cluster.members;
      const empty = async () => {
        await member?.kill();
        member?.wipe();
        member?.start();
        await member?.answers();
      };
      const history = new History(4);
      const all = [await stand('revpi', 'leader-preferred', cluster.urls), await stand('pi4', 'voter', cluster.urls)];
      const checked = record(history, () => all);
      const tokenOtherThan = (before?: number) =>
        until(() => all.map(tokenOf).find((token) => token !== undefined && token !== before));
      const tokens = [await tokenOtherThan()];
      await empty();
      tokens.push(await tokenOtherThan(tokens[0]));
      // Whoever is there remembers the largest one, and whoever comes later is told.
      for (const candidate of [...all]) await candidate.close();
      await empty();
      const later = await stand('zero', 'voter', cluster.urls);
      all.push(later);
      await until(() => isLeading(later));
      tokens.push(tokenOf(later) ?? 0);
      await later.close();
      const heir = await stand('revpi', 'leader-preferred', cluster.urls);
      all.push(heir);
      await until(() => isLeading(heir));
      tokens.push(tokenOf(heir) ?? 0);
      await heir.close();
      assert.deepEqual(
        tokens,
        [...new Set(tokens)].sort((a, b) => a - b),
      );
      checked();
    });
  });

  it('never two where etcd is emptied between two looks of a node that saw it empty before', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const [member] = cluster.members;
      // It sees the empty store, and nothing of what follows until it looks again.
      let looks = 0;
      let mayLook = false;
      const seldom: Clock = {
        ...systemClock,
        wait: async (ms, signal) => {
          looks++;
          if (looks > 1) return await systemClock.wait(ms, signal);
          await until(() => mayLook || signal?.aborted);
        },
      };
      const other = await stand('pi4', 'voter', cluster.urls, undefined, seldom);
      const all = [other];
      const checked = record(new History(5), () => all);
      await until(() => looks > 0);
      const first = await stand('revpi', 'leader-preferred', cluster.urls);
      all.push(first);
      await until(() => isLeading(first));
      for (const gateway of first.gateways) gateway.isDown = true;
      await member?.kill();
      member?.wipe();
      member?.start();
      await member?.answers();
      mayLook = true;
      await until(() => isLeading(other));
      await until(() => !isLeading(first));
      await other.close();
      await first.close();
      checked();
    });
  });

  it('the token grows though the clock of the next leader is a year behind', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const revpi = await stand('revpi', 'voter', cluster.urls);
      await until(() => isLeading(revpi));
      const token = tokenOf(revpi) ?? 0;
      await revpi.close();
      const behind: Clock = { ...systemClock, now: () => Date.now() - YEAR_MS };
      const pi4 = await stand('pi4', 'voter', cluster.urls, undefined, behind);
      await until(() => isLeading(pi4));
      assert.equal(tokenOf(pi4), token + 1);
      await pi4.close();
    });
  });

  for (const seed of [1, 2]) {
    it(`never two over lines that lose requests and answers, and stand still (seed ${seed})`, async (t) => {
      await inCluster({ voters: 1 }, async (cluster) => {
        const random = seeded(seed);
        const fate = () => (random() < 0.1 ? 'is lost' : random() < 0.1 ? 'answer is lost' : 'passes') as 'passes';
        const all: Candidate[] = [];
        const checked = record(new History(seed), () => all);
        for (const name of ['a', 'b', 'c']) all.push(await stand(name, 'voter', cluster.urls, fate));
        for (let round = 0; round < 2; round++) {
          await until(() => all.some(isLeading));
          await pause(500 + random() * 500);
          const leader = all.find(isLeading);
          for (const gateway of leader?.gateways ?? []) gateway.isDown = true;
          await until(() => all.some((one) => one !== leader && isLeading(one)));
          for (const gateway of leader?.gateways ?? []) gateway.isDown = false;
        }
        for (const candidate of all) await candidate.close();
        t.diagnostic(`nobody led for at most ${checked().toFixed(0)} ms`);
      });
    });
  }
});
