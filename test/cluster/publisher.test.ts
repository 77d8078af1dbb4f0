/** Publishing to a real etcd: each reading once and in order, whatever the line does. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Endpoints } from '../../src/cluster/endpoints';
import { deleteRange, range } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { EVERYTHING, latestKey } from '../../src/cluster/keys';
import { Outbox } from '../../src/cluster/outbox/outbox';
import { Publisher, type PublisherState } from '../../src/cluster/publisher';
import { parseLatest } from '../../src/cluster/wire';
import { systemClock } from '../../src/platform/clock';
import { NO_REPORT } from '../../src/platform/storage-report';
import { until } from '../support/until';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { type Fate, LossyGateway } from './lossy-gateway';
import { seeded, storedNumbers, texts } from './numbered-readings';
import { MemoryFiles } from './outbox-files';

interface Node {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly states: PublisherState[];
  readonly warnings: string[];
  /** Readings that etcd refused. */
  readonly refused: () => number;
  publish(from: number, count: number): void;
  close(): Promise<void>;
}

async function start(name: string, urls: readonly string[], files = new MemoryFiles()): Promise<Node> {
  const clock = systemClock;
  const warnings: string[] = [];
  const states: PublisherState[] = [];
  const onWarning = (text: string) => warnings.push(text);
  const outbox = await Outbox.open({ files, clock, report: NO_REPORT, onWarning, onDropped: () => undefined });
  const endpoints = new Endpoints(urls, {}, clock);
  const onState = (state: PublisherState) => states.push(state);
  const random = seeded(1);
  let refused = 0;
  const onRefused = (readings: number) => {
    refused += readings;
  };
  const publisher = new Publisher({ node: name, outbox, endpoints, clock, random, onState, onWarning, onRefused });
  publisher.start();
  return {
    outbox,
    publisher,
    states,
    warnings,
    refused: () => refused,
    publish: (from, count) => {
      outbox.add(texts(name, from, count));
      publisher.wake();
    },
    close: async () => {
      await publisher.close();
      endpoints.close();
      await outbox.close();
    },
  };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

describe('the publisher', { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  let url: string;
  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1, learners: 1 });
    url = cluster.urls[0] ?? '';
  });
  after(() => cluster?.stop());

  it('publishes at once, in order, and keeps the newest of each sensor', async () => {
    const node = await start('plain', [url]);
    for (let i = 0; i < 20; i++) node.publish(i * 5, 5);
    await until(() => node.outbox.pending === 0);
    assert.deepEqual(await storedNumbers(url, 'plain'), upTo(100));
    const member = new EtcdMember(url);
    const latest = (await range(member, { key: latestKey('plain') })).entries[0];
    member.close();
    assert.equal(parseLatest('plain', latest?.value ?? '')?.length, 1);
    await node.close();
    assert.deepEqual(
      node.states.map(({ kind }) => kind),
      ['publishing', 'closed'],
    );
  });

  it('goes through a voter where its own member is a learner, or gone', async () => {
    const [voter = '', learner = ''] = cluster.urls;
    const node = await start('zero', [learner, 'http://127.0.0.1:1', voter]);
    node.publish(0, 10);
    await until(() => node.outbox.pending === 0);
    assert.deepEqual(await storedNumbers(url, 'zero'), upTo(10));
    await node.close();
    assert.equal(node.states[0]?.kind, 'publishing');
  });

  it('an hour of ten sensors is handed over within a few transactions', async () => {
    const node = await start('away', [url]);
    node.publish(0, 7_200);
    await until(() => node.outbox.pending === 0);
    assert.deepEqual(await storedNumbers(url, 'away'), upTo(7_200));
    await node.close();
  });

  for (const seed of [1, 2, 3]) {
    it(`loses and doubles nothing where requests and answers are lost, and over restarts (seed ${seed})`, async () => {
      const random = seeded(seed);
      const fateOf = (path: string): Fate => {
        if (path !== '/v3/kv/txn') return random() < 0.1 ? 'is lost' : 'passes';
        const chance = random();
        return chance < 0.2 ? 'is lost' : chance < 0.65 ? 'answer is lost' : 'passes';
      };
      const lossy = await LossyGateway.start(url, fateOf);
      const name = `lossy${seed}`;
      const files = new MemoryFiles();
      let node = await start(name, [lossy.url], files);
      for (let i = 0; i < 40; i++) {
        node.publish(i * 5, 5);
        await new Promise((resolve) => setTimeout(resolve, random() * 30));
        if (i % 13 === 12) {
          await node.close();
          node = await start(name, [lossy.url], files);
        }
      }
      node.publisher.wake();
      await until(
        () => node.outbox.pending === 0,
        () => `${node.outbox.pending} pending`,
      );
      await node.close();
      await lossy.stop();
      assert.ok((lossy.fates.get('answer is lost') ?? 0) >= 1, 'no answer was lost');
      assert.deepEqual(await storedNumbers(url, name), upTo(200));
    });
  }

  it('says when it fails and when it is over, and hands over what came meanwhile', async () => {
    const lossy = await LossyGateway.start(url);
    const node = await start('offline', [lossy.url]);
    node.publish(0, 1);
    await until(() => node.outbox.pending === 0);
    lossy.isDown = true;
    node.publish(1, 10);
    await until(() => node.states.some(({ kind }) => kind === 'failing'));
    lossy.isDown = false;
    await until(() => node.outbox.pending === 0);
    const kinds = node.states.map(({ kind }) => kind);
    assert.deepEqual([...new Set(kinds)], ['publishing', 'failing']);
    assert.equal(kinds.at(-1), 'publishing');
    assert.deepEqual(await storedNumbers(url, 'offline'), upTo(11));
    await node.close();
    await lossy.stop();
  });

  it('goes on in a cluster that was made anew, which has nothing of it', async () => {
    const node = await start('anew', [url]);
    node.publish(0, 5);
    await until(() => node.outbox.pending === 0);
    const member = new EtcdMember(url);
    await deleteRange(member, EVERYTHING);
    node.publish(5, 5);
    await until(() => node.outbox.pending === 0);
    assert.deepEqual(await storedNumbers(url, 'anew'), [5, 6, 7, 8, 9]);
    member.close();
    await node.close();
  });

  it('both of two nodes with one name warn, once', async () => {
    const one = await start('twin', [url]);
    one.publish(0, 1);
    await until(() => one.outbox.pending === 0);
    const two = await start('twin', [url]);
    for (let i = 0; i < 20; i++) {
      one.publish(i, 1);
      two.publish(i, 1);
      await until(() => one.outbox.pending + two.outbox.pending === 0);
    }
    for (const { warnings } of [one, two]) {
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /another node publishes readings as "twin"/);
    }
    await one.close();
    await two.close();
  });
});
