/** That a node is there, at a real etcd, by a clock that the tests move: leases run by etcd's, and last. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Endpoints } from '../../src/cluster/endpoints';
import { deleteRange, put, range } from '../../src/cluster/etcd/key-values';
import { grantLease, revokeLease } from '../../src/cluster/etcd/leases';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { presenceKey, wantsLeaderKey } from '../../src/cluster/keys';
import { OwnPresence } from '../../src/cluster/presence';
import { parsePresence, presenceText } from '../../src/cluster/wire';
import type { ClusterRole } from '../../src/host-config/host-config';
import { ManualClock } from '../support/manual-clock';
import { until } from '../support/until';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const RENEWAL_MS = 3_000;

class Node {
  readonly warnings: string[] = [];
  readonly clock = new ManualClock();
  readonly #endpoints: Endpoints;
  readonly #presence: OwnPresence;

  constructor(
    readonly name: string,
    readonly instance: string,
    url: string,
    role: ClusterRole = 'voter',
  ) {
    this.#endpoints = new Endpoints([url], {}, this.clock);
    this.#presence = new OwnPresence({
      node: name,
      instance,
      role,
      version: '1.0.0',
      endpoints: this.#endpoints,
      clock: this.clock,
      onWarning: (text: string) => this.warnings.push(text),
    });
    this.#presence.start();
  }

  async close(): Promise<void> {
    await this.#presence.close();
    this.#endpoints.close();
  }
}

describe("a node's presence", { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  let member: EtcdMember;
  let url: string;
  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1 });
    url = cluster.urls[0] ?? '';
    member = new EtcdMember(url);
  });
  after(async () => {
    member?.close();
    await cluster?.stop();
  });

  async function present(name: string): Promise<string | undefined> {
    const [entry] = (await range(member, { key: presenceKey(name) })).entries;
    return entry && parsePresence(entry.value)?.instance;
  }

  /** Renewals of each, one after the other, until `check` holds. */
  async function renew(nodes: readonly Node[], check: () => boolean | Promise<boolean>): Promise<void> {
    await until(async () => {
      if (await check()) return true;
      for (const { clock } of nodes) await clock.advance(RENEWAL_MS);
      await pause(20);
      return false;
    });
  }

  /** As often as a node that lives would have been seen by then. */
  async function renewTimes(nodes: readonly Node[], times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      for (const { clock } of nodes) await clock.advance(RENEWAL_MS);
      await pause(50);
    }
  }

  it('is written again where its key was lost while its lease lives, and its wish to lead as well', async () => {
    const node = new Node('lost', 'a', url, 'leader-preferred');
    const wish = async () => (await range(member, { key: wantsLeaderKey('lost') })).entries.length === 1;
    await renew([node], wish);
    assert.equal(await present('lost'), 'a');
    await deleteRange(member, { key: presenceKey('lost') });
    await deleteRange(member, { key: wantsLeaderKey('lost') });
    await renew([node], async () => (await present('lost')) === 'a' && (await wish()));
    await node.close();
    assert.equal(await present('lost'), undefined);
    assert.equal(await wish(), false);
  });

  it('of two with one name both say so, once for each that comes; who was there first stays visible', async () => {
    const first = new Node('twin', 'a', url);
    await until(async () => (await present('twin')) === 'a');
    const second = new Node('twin', 'b', url);
    await renew([first, second], async () => {
      assert.equal(await present('twin'), 'a');
      return first.warnings.length > 0 && second.warnings.length > 0;
    });
    await renewTimes([first, second], 5);
    assert.deepEqual([first.warnings.length, second.warnings.length], [1, 1]);
    assert.match(first.warnings[0] ?? '', /another node of this cluster has node_id "twin" as well/);
    await second.close();
    assert.equal(await present('twin'), 'a');
    await renewTimes([first], 2);
    const third = new Node('twin', 'c', url);
    await renew([first, third], () => first.warnings.length === 2 && third.warnings.length === 1);
    await first.close();
    await renew([third], async () => (await present('twin')) === 'c');
    await renewTimes([third], 5);
    assert.equal(third.warnings.length, 1);
    await third.close();
    assert.equal(await present('twin'), undefined);
  });

  it('is back at once where one of an older version has overwritten it, and has gone', async () => {
    const node = new Node('older', 'a', url);
    await until(async () => (await present('older')) === 'a');
    const { id: lease } = await grantLease(member, 10_000);
    const value = presenceText({ role: 'voter', version: '0.9.0', clock: Date.now(), instance: 'old' });
    await put(member, { key: presenceKey('older'), value, lease });
    await renewTimes([node], 2);
    assert.equal(await present('older'), 'old');
    await revokeLease(member, lease);
    await renew([node], async () => (await present('older')) === 'a');
    await node.close();
  });

  it('says nothing of what a process that crashed has left', async () => {
    const { id: lease } = await grantLease(member, 10_000);
    const value = presenceText({ role: 'voter', version: '1.0.0', clock: Date.now(), instance: 'crashed' });
    await put(member, { key: presenceKey('again'), value, lease });
    const node = new Node('again', 'a', url);
    await renewTimes([node], 4);
    await revokeLease(member, lease);
    await renew([node], async () => (await present('again')) === 'a');
    assert.deepEqual(node.warnings, []);
    await node.close();
  });
});
