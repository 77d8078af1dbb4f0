/** A node's place in its cluster while something is in its way: no reading is lost, and what is corrected is enough. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { range, under } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { batchesOf } from '../../src/cluster/keys';
import type { HostConfig } from '../../src/host-config/host-config';
import { type Clock, systemClock } from '../../src/platform/clock';
import { NO_REPORT } from '../../src/platform/storage-report';
import { ClusterMembership } from '../../src/runtime/cluster-membership';
import { until } from '../support/until';
import { noOpenssl, TestAuthority } from './certificates';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { reading, storedNumbers } from './numbered-readings';

const LONG_MS = 5_000;
const SHORT_MS = 200;
const LIMIT_MS = 20_000;

/** What waits for somebody to correct something does not wait as long. */
const impatient: Clock = {
  ...systemClock,
  wait: (ms, signal) => systemClock.wait(ms >= LONG_MS ? SHORT_MS : ms, signal),
};

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

class Node {
  readonly errors: string[] = [];
  readonly log: string[] = [];
  readonly membership: ClusterMembership;
  #published = 0;

  constructor(
    test: TestContext,
    readonly config: HostConfig['cluster'],
    outboxFolder: string,
    from = 0,
  ) {
    this.#published = from;
    this.membership = new ClusterMembership(config, {
      outboxFolder,
      report: NO_REPORT,
      password: undefined,
      clock: impatient,
      log: (level, text) => (level === 'error' ? this.errors : this.log).push(text),
      onReadings: () => undefined,
      onState: () => undefined,
    });
    this.membership.start();
    test.after(() => this.membership.close());
  }

  publish(count: number): void {
    for (let n = 0; n < count; n++) this.membership.publish([reading(this.config.nodeId, this.#published + n)]);
    this.#published += count;
  }

  async refused(): Promise<void> {
    await until(() => this.errors.length > 0, 'an error in the log', LIMIT_MS);
  }

  /** All that was published is in etcd. */
  async handedOver(): Promise<void> {
    const { membership } = this;
    await until(
      () => membership.state?.connected === true && membership.counts.waiting === 0,
      () => `${JSON.stringify(membership.state)} ${JSON.stringify(membership.counts)} ${this.errors.join()}`,
      LIMIT_MS,
    );
  }
}

describe("a node's membership", { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  let url: string;
  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1 });
    url = cluster.urls[0] ?? '';
  });
  after(() => cluster?.stop());

  function folderOf(test: TestContext): string {
    const folder = mkdtempSync(join(tmpdir(), 'wasi-member-'));
    test.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  function configOf(nodeId: string, more: Partial<HostConfig['cluster']> = {}): HostConfig['cluster'] {
    return { enabled: true, nodeId, role: 'voter', endpoints: [url], ...more };
  }

  it('keeps readings while a password file is refused, says so once, and goes on when its mode is corrected', async (test) => {
    const folder = folderOf(test);
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'secret\n', { mode: 0o644 });
    const config = configOf('mode', { login: { user: 'node', passwordFile } });
    const node = new Node(test, config, join(folder, 'outbox'));
    node.publish(150);
    await node.refused();
    node.publish(150);
    await until(
      () => node.membership.counts.waiting === 300,
      () => JSON.stringify(node.membership.counts),
      LIMIT_MS,
    );
    assert.equal(node.membership.state?.connected, false);
    // Retried some times meanwhile.
    await systemClock.wait(5 * SHORT_MS);
    assert.equal(node.errors.length, 1);
    assert.match(node.errors[0] ?? '', /CONFIG_INVALID: \[cluster\] password_file: .* may be read by others/);
    chmodSync(passwordFile, 0o600);
    await node.handedOver();
    assert.deepEqual(await storedNumbers(url, 'mode'), upTo(300));
    assert.deepEqual(node.membership.counts, { waiting: 0, dropped: 0, missed: 0 });
  });

  it('tells the next thing that is in the way', { skip: noOpenssl }, async (test) => {
    const folder = folderOf(test);
    const ca = join(folder, 'ca.pem');
    const node = new Node(test, configOf('next', { tls: { ca } }), join(folder, 'outbox'));
    node.publish(3);
    await until(() => node.errors.length === 1, 'the first reason', LIMIT_MS);
    writeFileSync(ca, '');
    await until(() => node.errors.length === 2, 'the second reason', LIMIT_MS);
    assert.match(node.errors.join('\n'), /ca\.pem cannot be read: .*ENOENT[^\n]*\n[^\n]*ca\.pem is empty$/);
    copyFileSync(new TestAuthority(folder, 'right').ca, ca);
    await node.handedOver();
    assert.deepEqual(await storedNumbers(url, 'next'), upTo(3));
  });

  it('keeps readings in memory where the outbox cannot be read, and hands all of them over when it can', async (test) => {
    const folder = folderOf(test);
    const outbox = join(folder, 'outbox');
    writeFileSync(outbox, 'a file, where a folder should be');
    const node = new Node(test, configOf('unreadable'), outbox);
    node.publish(20);
    await node.refused();
    assert.match(node.errors[0] ?? '', /CLUSTER_UNAVAILABLE: the outbox .* cannot be read: .*ENOTDIR/);
    node.publish(20);
    assert.equal(node.membership.counts.waiting, 40);
    rmSync(outbox);
    mkdirSync(outbox);
    await node.handedOver();
    assert.deepEqual(await storedNumbers(url, 'unreadable'), upTo(40));
  });

  it('keeps what it cannot hand over for the next start, refused or not', async (test) => {
    const folder = folderOf(test);
    const outbox = join(folder, 'outbox');
    const node = new Node(test, configOf('kept', { tls: { ca: join(folder, 'missing.pem') } }), outbox);
    node.publish(10);
    await node.refused();
    node.publish(10);
    await node.membership.close();
    const next = new Node(test, configOf('kept'), outbox, 20);
    next.publish(10);
    await next.handedOver();
    assert.deepEqual(await storedNumbers(url, 'kept'), upTo(30));
  });

  it('loses nothing while [cluster] changes, to what is refused as well', async (test) => {
    const folder = folderOf(test);
    const node = new Node(test, configOf('changing'), join(folder, 'outbox'));
    const broken = configOf('changing', { tls: { ca: join(folder, 'missing.pem') } });
    for (const config of [broken, configOf('changing', { role: 'learner' }), broken, configOf('changing')]) {
      node.publish(10);
      const changed = node.membership.reconfigure(config);
      node.publish(10);
      await changed;
      node.publish(10);
    }
    await node.handedOver();
    assert.deepEqual(await storedNumbers(url, 'changing'), upTo(120));
  });

  it('keeps no more than 2 MiB in etcd, however often [cluster] changes while readings flow', async (test) => {
    const node = new Node(test, configOf('often'), join(folderOf(test), 'outbox'));
    const member = new EtcdMember(url);
    test.after(() => member.close());
    let most = 0;
    const look = async () => {
      const { entries } = await range(member, under(batchesOf('often')));
      const bytes = entries.reduce((sum, { key, value }) => sum + Buffer.byteLength(key + value), 0);
      most = Math.max(most, bytes);
    };
    for (let change = 0; change < 10; change++) {
      // 500 kB each time.
      for (let n = 0; n < 5; n++) {
        const texts = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`text${i}`, 'x'.repeat(5_000)]));
        for (let sensor = 0; sensor < 5; sensor++)
          node.membership.publish([{ ...reading('often', n, `sensor${sensor}`), values: texts }]);
        await until(() => node.membership.counts.waiting === 0, 'all of it is handed over', LIMIT_MS);
        await look();
      }
      await node.membership.reconfigure(configOf('often', { role: change % 2 === 0 ? 'learner' : 'voter' }));
    }
    test.diagnostic(`at most ${most} bytes`);
    assert.ok(most > 2 ** 20 && most <= 2 * 2 ** 20, `${most} bytes`);
    assert.equal(node.membership.counts.dropped, 0);
  });

  it('of two runtimes with one outbox the second takes part when the first has gone', async (test) => {
    const outbox = join(folderOf(test), 'outbox');
    const first = new Node(test, configOf('first'), outbox);
    first.publish(5);
    await first.handedOver();
    const second = new Node(test, configOf('second'), outbox);
    second.publish(5);
    assert.equal(second.membership.counts.waiting, 5);
    assert.equal(second.membership.state?.connected, false);
    await first.membership.close();
    await second.handedOver();
    assert.deepEqual(await storedNumbers(url, 'second'), upTo(5));
  });

  it('readings of a runtime that closes before its outbox is free are in it for the next one', async (test) => {
    const outbox = join(folderOf(test), 'outbox');
    const first = new Node(test, configOf('replaced'), outbox);
    first.publish(5);
    await first.handedOver();
    const second = new Node(test, configOf('replaced'), outbox, 5);
    second.publish(5);
    await Promise.all([second.membership.close(), first.membership.close()]);
    assert.deepEqual(second.membership.counts, { waiting: 5, dropped: 0, missed: 0 });
    const third = new Node(test, configOf('replaced'), outbox, 10);
    third.publish(5);
    await third.handedOver();
    assert.deepEqual(await storedNumbers(url, 'replaced'), upTo(15));
  });

  it('takes a password over that was corrected in its file while etcd refused it', async (test) => {
    const folder = folderOf(test);
    const own = await EtcdCluster.start({ voters: 1 });
    test.after(() => own.stop());
    const endpoints = own.urls;
    const member = new EtcdMember(endpoints[0] ?? '');
    for (const [path, body] of [
      ['user/add', { name: 'root', password: 'right' }],
      ['role/add', { name: 'root' }],
      ['user/grant', { user: 'root', role: 'root' }],
      ['enable', {}],
    ] as const)
      await member.call(`/v3/auth/${path}`, body);
    member.close();
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'wrong\n', { mode: 0o600 });
    const config = configOf('renewed', { endpoints, login: { user: 'root', passwordFile } });
    const node = new Node(test, config, join(folder, 'outbox'));
    node.publish(5);
    await until(() => node.log.some((text) => /works alone .*CLUSTER_UNAVAILABLE/.test(text)), 'an outage', LIMIT_MS);
    writeFileSync(passwordFile, 'right\n');
    await node.handedOver();
    assert.ok(node.log.some((text) => /were renewed/.test(text)));
    assert.deepEqual(node.membership.counts, { waiting: 0, dropped: 0, missed: 0 });
  });
});
