/** What etcd keeps of a node: bounded in bytes and age at every moment, over any number of its starts. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Endpoints } from '../../src/cluster/endpoints';
import { put, range, under } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { batchesOf, batchKey, cursorKey } from '../../src/cluster/keys';
import { Outbox } from '../../src/cluster/outbox/outbox';
import { Publisher, type PublisherState } from '../../src/cluster/publisher';
import { batchText, readingText } from '../../src/cluster/wire';
import { systemClock } from '../../src/platform/clock';
import { NO_REPORT } from '../../src/platform/storage-report';
import { until } from '../support/until';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { reading, seeded, texts } from './numbered-readings';
import { MemoryFiles } from './outbox-files';

const MAX_BYTES = 2 * 2 ** 20;
const MINUTE_MS = 60_000;

function epochOf(n: number): string {
  return n.toString(16).padStart(16, '0');
}

class Node {
  readonly warnings: string[] = [];
  readonly states: PublisherState[] = [];
  refused = 0;
  readonly #endpoints: Endpoints;
  readonly publisher: Publisher;

  private constructor(
    readonly name: string,
    readonly outbox: Outbox,
    url: string,
  ) {
    this.#endpoints = new Endpoints([url], {}, systemClock);
    this.publisher = new Publisher({
      node: name,
      outbox,
      endpoints: this.#endpoints,
      clock: systemClock,
      random: seeded(1),
      onState: (state) => this.states.push(state),
      onWarning: (text) => this.warnings.push(text),
      onRefused: (readings) => {
        this.refused += readings;
      },
    });
    this.publisher.start();
  }

  static async start(name: string, url: string): Promise<Node> {
    const nothing = () => undefined;
    const files = new MemoryFiles();
    return new Node(
      name,
      await Outbox.open({ files, clock: systemClock, report: NO_REPORT, onWarning: nothing, onDropped: nothing }),
      url,
    );
  }

  async publish(readings: readonly string[]): Promise<void> {
    this.outbox.add(readings);
    this.publisher.wake();
    await until(
      () => this.outbox.pending === 0,
      () => `${this.outbox.pending} wait, ${JSON.stringify(this.states.at(-1))}`,
    );
  }

  async close(): Promise<void> {
    await this.publisher.close();
    this.#endpoints.close();
    await this.outbox.close();
  }
}

describe('what etcd keeps of a node', { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  let member: EtcdMember;
  let url: string;
  before(async () => {
    // What takes 10 operations and 300 kB must do: an administrator may have set that.
    cluster = await EtcdCluster.start({ voters: 1 });
    url = cluster.urls[0] ?? '';
    member = new EtcdMember(url);
  });
  after(async () => {
    member?.close();
    await cluster?.stop();
  });

  /** Keys and values below the node's batches. */
  async function stored(node: string): Promise<{ keys: readonly string[]; bytes: number }> {
    const { entries } = await range(member, under(batchesOf(node)));
    const bytes = entries.reduce((sum, { key, value }) => sum + Buffer.byteLength(key + value), 0);
    return { keys: entries.map(({ key }) => key), bytes };
  }

  /** As earlier starts left them, oldest first. */
  async function leave(node: string, epochs: number, sentAt: (n: number) => number): Promise<void> {
    for (let n = 0; n < epochs; n++) {
      const text = readingText(reading(node, n));
      await put(member, { key: batchKey(node, epochOf(n), 1), value: batchText(epochOf(n), 1, sentAt(n), [text]) });
    }
  }

  it('goes on after 200 starts whose batches have become too old', async () => {
    await leave('many', 200, () => Date.now() - 40 * MINUTE_MS);
    const node = await Node.start('many', url);
    await node.publish(texts('many', 200, 1));
    await node.publish(texts('many', 201, 1));
    assert.deepEqual(
      (await stored('many')).keys.map((key) => key.includes(node.outbox.epoch)),
      [true, true],
    );
    assert.deepEqual([node.warnings, node.refused], [[], 0]);
    await node.close();
  });

  it('goes on after 200 starts within half an hour, and deletes what is more than a megabyte', async () => {
    const text = readingText({ ...reading('starts', 0), values: { text: 'x'.repeat(20_000) } });
    for (let n = 0; n < 200; n++)
      await put(member, {
        key: batchKey('starts', epochOf(n), 1),
        value: batchText(epochOf(n), 1, Date.now(), [text]),
      });
    const node = await Node.start('starts', url);
    for (let n = 0; n < 3; n++) await node.publish(texts('starts', n, 1));
    const { bytes, keys } = await stored('starts');
    assert.ok(bytes <= 2 ** 20 + 25_000, `${bytes} bytes in ${keys.length} batches`);
    assert.ok(bytes >= 2 ** 20 - 50_000, `${bytes} bytes in ${keys.length} batches`);
    await node.close();
  });

  it('batches of before a start expire by their own age', async () => {
    await leave('aged', 4, (n) => Date.now() - (n < 2 ? 31 : 29) * MINUTE_MS);
    const node = await Node.start('aged', url);
    await node.publish(texts('aged', 4, 1));
    assert.deepEqual(
      (await stored('aged')).keys.filter((key) => !key.includes(node.outbox.epoch)),
      [batchKey('aged', epochOf(2), 1), batchKey('aged', epochOf(3), 1)],
    );
    await node.close();
  });

  it('is never more than 2 MiB, however often it starts while readings flow', async (test) => {
    const name = 'flowing';
    const looking = new AbortController();
    let most = 0;
    const looks = (async () => {
      while (!looking.signal.aborted) most = Math.max(most, (await stored(name)).bytes);
    })();
    for (let start = 0; start < 10; start++) {
      const node = await Node.start(name, url);
      // 400 kB each, 20 kB at a time: 4 MB, the most that goes at once.
      for (let n = 0; n < 20; n++) {
        const text = readingText({ ...reading(name, n), values: { text: 'é'.repeat(10_000) } });
        await node.publish([text]);
      }
      await node.close();
    }
    looking.abort();
    await looks;
    test.diagnostic(`at most ${most} bytes`);
    assert.ok(most <= MAX_BYTES, `${most} bytes`);
    assert.ok(most > MAX_BYTES / 2, 'too little was written to tell');
  });

  it('keys of somebody else below it are passed over', async () => {
    await put(member, { key: `${batchesOf('foreign')}theirs`, value: 'x'.repeat(1_000_000) });
    await leave('foreign', 2, () => Date.now());
    const node = await Node.start('foreign', url);
    await node.publish(texts('foreign', 2, 1));
    assert.equal((await stored('foreign')).keys.length, 4);
    await node.close();
  });
});

describe('an etcd that takes less than it does by default', { skip: noEtcd }, () => {
  /** Keys of a node that is started at such an etcd after `epochs` starts, and has published `readings`. */
  async function atEtcdWith(
    environment: NodeJS.ProcessEnv,
    epochs: number,
    readings: readonly string[],
    look: (node: Node, member: EtcdMember) => Promise<void>,
  ): Promise<void> {
    const cluster = await EtcdCluster.start({ voters: 1, environment });
    const [url = ''] = cluster.urls;
    const member = new EtcdMember(url);
    try {
      for (let n = 0; n < epochs; n++) {
        const text = batchText(epochOf(n), 1, Date.now() - 40 * MINUTE_MS, [readingText(reading('small', n))]);
        await put(member, { key: batchKey('small', epochOf(n), 1), value: text });
      }
      const node = await Node.start('small', url);
      await node.publish(readings);
      await look(node, member);
      await node.close();
    } finally {
      member.close();
      await cluster.stop();
    }
  }

  it('gets smaller transactions, and all readings', async () => {
    await atEtcdWith({ ETCD_MAX_TXN_OPS: '8' }, 40, texts('small', 40, 1), async (node, member) => {
      for (let n = 0; n < 30; n++) await node.publish(texts('small', 41 + n, 1));
      const { entries } = await range(member, { ...under(batchesOf('small')), isKeysOnly: true });
      assert.ok(entries.every(({ key }) => key.includes(node.outbox.epoch)));
      assert.equal(entries.length, 31);
      assert.match(node.warnings.join(), /^etcd refuses a transaction of this node[^,]*too many operations/);
      assert.equal(node.warnings.length, 1);
      assert.equal(node.refused, 0);
    });
  });

  it('a reading that is larger than it takes is passed over and counted, and keeps no other', async () => {
    const large = readingText({ ...reading('small', 7), values: { text: 'x'.repeat(30_000) } });
    const all = [...texts('small', 0, 200), large, ...texts('small', 200, 200)];
    await atEtcdWith({ ETCD_MAX_REQUEST_BYTES: '16384' }, 0, all, async (node, member) => {
      const { entries } = await range(member, under(batchesOf('small')));
      const numbers = [...entries]
        .sort((a, b) => Number(a.modRevision - b.modRevision))
        .flatMap(({ value }) => JSON.parse(value).readings.map((one: { v: { n: number } }) => one.v.n));
      assert.deepEqual(
        numbers,
        Array.from({ length: 400 }, (_, n) => n),
      );
      assert.equal(node.refused, 1);
      const { entries: cursors } = await range(member, { key: cursorKey('small') });
      assert.match(cursors[0]?.value ?? '', /,401\]\]\}$/);
    });
  });

  it('that refuses everything is told of, and asked seldom', async () => {
    // etcd counts the whole request: not even the cursor fits.
    const cluster = await EtcdCluster.start({ voters: 1, environment: { ETCD_MAX_REQUEST_BYTES: '150' } });
    const node = await Node.start('small', cluster.urls[0] ?? '');
    node.outbox.add(texts('small', 0, 3));
    node.publisher.wake();
    await until(() => node.states.at(-1)?.kind === 'failing');
    const state = node.states.at(-1);
    assert.match(state?.kind === 'failing' ? state.fault.message : '', /request is too large/);
    assert.deepEqual([node.outbox.pending, node.refused], [3, 0]);
    await node.close();
    await cluster.stop();
  });
});
