/** What the nodes do to etcd itself, each half minute of a clock that the tests move. That they make room: cluster.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Caretaker } from '../../src/cluster/caretaker';
import { Endpoints } from '../../src/cluster/endpoints';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { status } from '../../src/cluster/etcd/membership';
import { ManualClock } from '../support/manual-clock';
import { until } from '../support/until';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const ROUND_MS = 30_000;
const LOOK_MS = 5_000;

interface Situation {
  readonly isPreferred: boolean;
  readonly isLeading: boolean;
}

/** A follower of etcd, looked after by a node in this situation; whether it leads etcd after two rounds. */
async function leadsAfter(cluster: EtcdCluster, situation: Situation, limitMs: number): Promise<boolean> {
  const leader = await cluster.leader();
  const own = cluster.members.find(({ name }) => name !== leader.name)?.clientUrl ?? '';
  const clock = new ManualClock();
  const endpoints = new Endpoints([own, ...cluster.urls.filter((url) => url !== own)], {}, clock);
  const caretaker = new Caretaker({
    endpoints,
    clock,
    isPreferred: situation.isPreferred,
    isLeading: () => situation.isLeading,
    random: () => 0.5,
    isOutOfSpace: () => false,
    onWarning: (text) => assert.fail(text),
  });
  caretaker.start();
  const member = new EtcdMember(own);
  try {
    for (let ms = 0; ms < 2 * ROUND_MS; ms += LOOK_MS) {
      await clock.advance(LOOK_MS);
      await pause(20);
    }
    const leads = async () => {
      const { leaderId, memberId } = await status(member);
      return leaderId === memberId;
    };
    for (const endsAt = Date.now() + limitMs; Date.now() < endsAt; await pause(20)) if (await leads()) return true;
    return false;
  } finally {
    member.close();
    await caretaker.close();
    endpoints.close();
  }
}

describe('the caretaker', { skip: noEtcd }, () => {
  it("moves etcd's leadership to the member of the preferred leader that leads, and of nobody else", async () => {
    await inCluster({ voters: 3 }, async (cluster) => {
      assert.equal(await leadsAfter(cluster, { isPreferred: true, isLeading: false }, 500), false);
      assert.equal(await leadsAfter(cluster, { isPreferred: false, isLeading: true }, 500), false);
      assert.equal(await leadsAfter(cluster, { isPreferred: true, isLeading: true }, 10_000), true);
    });
  });

  it('tells once what its user may not do', async () => {
    await inCluster({ voters: 1 }, async ({ urls }) => {
      const member = new EtcdMember(urls[0] ?? '');
      const password = 'of the tests';
      for (const [path, body] of [
        ['user/add', { name: 'root', password }],
        ['role/add', { name: 'root' }],
        ['user/grant', { user: 'root', role: 'root' }],
        ['user/add', { name: 'node', password }],
        ['enable', {}],
      ] as const)
        await member.call(`/v3/auth/${path}`, body);
      const clock = new ManualClock();
      const endpoints = new Endpoints(urls, { credentials: { user: 'node', password } }, clock);
      const warnings: string[] = [];
      const caretaker = new Caretaker({
        endpoints,
        clock,
        isPreferred: false,
        isLeading: () => false,
        random: () => 0.5,
        isOutOfSpace: () => true,
        onWarning: (text) => warnings.push(text),
      });
      caretaker.start();
      await until(async () => {
        await clock.advance(LOOK_MS);
        return warnings.length > 0;
      });
      for (let look = 0; look < 3; look++) {
        await clock.advance(LOOK_MS);
        await pause(50);
      }
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /may not look after etcd itself .*administrator/);
      await caretaker.close();
      endpoints.close();
      member.close();
    });
  });
});
