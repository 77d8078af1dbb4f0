/** Keys of somebody else below the prefix, at a real etcd: however many and large, they are passed over, and said once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { put } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { batchesOf, batchKey, cursorKey, latestKey, PREFIX, presenceKey } from '../../src/cluster/keys';
import { batchText, positionsText, presenceText } from '../../src/cluster/wire';
import { until } from '../support/until';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { follow, upTo } from './following';
import { LossyGateway } from './lossy-gateway';
import { texts } from './numbered-readings';

const EPOCH = 'abcdef';
/** etcd takes 1.5 MB. */
const LARGE = 'x'.repeat(1_400_000);
const ENVIRONMENT = { ETCD_QUOTA_BACKEND_BYTES: String(2 ** 30) };

async function inPeopledCluster(
  environment: NodeJS.ProcessEnv,
  work: (member: EtcdMember, cluster: EtcdCluster) => Promise<void>,
) {
  await inCluster({ voters: 1, environment }, async (cluster) => {
    const member = new EtcdMember(cluster.urls[0] ?? '', { deadlineMs: 20_000 });
    try {
      await put(member, {
        key: presenceKey('one'),
        value: presenceText({ role: 'voter', version: '1', clock: Date.now(), instance: 'x' }),
      });
      await put(member, { key: batchKey('one', EPOCH, 1), value: batchText(EPOCH, 1, Date.now(), texts('one', 0, 5)) });
      await put(member, { key: cursorKey('one'), value: positionsText([[EPOCH, 5]]) });
      await work(member, cluster);
    } finally {
      member.close();
    }
  });
}

async function startsAndFollows(
  member: EtcdMember,
  url: string,
): Promise<{ readonly warnings: readonly string[]; readonly foreign: number; readonly largest: number }> {
  const line = await LossyGateway.start(url);
  const following = follow([line.url]);
  try {
    await until(() => following.numbers.length === 5 && following.follower.state.kind === 'following');
    const largest = line.largestResponse;
    await put(member, { key: batchKey('one', EPOCH, 6), value: batchText(EPOCH, 6, Date.now(), texts('one', 5, 5)) });
    await until(() => following.numbers.length === 10);
    assert.deepEqual(following.numbers, upTo(10));
    assert.ok(following.nodes.all().some(({ node, isPresent }) => node === 'one' && isPresent));
    return { warnings: following.told.warnings, foreign: following.follower.foreignKeys, largest };
  } finally {
    await following.close();
    await line.stop();
  }
}

describe('keys of somebody else below the prefix', { skip: noEtcd }, () => {
  it('are counted, said once with an example, and never read', async () => {
    await inPeopledCluster(ENVIRONMENT, async (member, cluster) => {
      for (let i = 0; i < 20; i++) await put(member, { key: `${PREFIX}grafana/${i}`, value: LARGE });
      const { warnings, foreign, largest } = await startsAndFollows(member, cluster.urls[0] ?? '');
      assert.equal(foreign, 20);
      assert.equal(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0] ?? '', /20 keys .* such as "\/edge-wasi\/v1\/grafana\/0"/);
      assert.ok(largest < LARGE.length, `${largest} bytes were read at once`);
    });
  });

  it('do not keep the others from being read where they lie among them', async () => {
    await inPeopledCluster(ENVIRONMENT, async (member, cluster) => {
      for (let i = 0; i < 20; i++) {
        await put(member, { key: `${PREFIX}nodes/a${i}/more`, value: LARGE });
        await put(member, { key: `${batchesOf('one')}0${i}`, value: LARGE });
        await put(member, { key: latestKey(`a${i}`), value: LARGE });
      }
      const { warnings, foreign } = await startsAndFollows(member, cluster.urls[0] ?? '');
      assert.equal(foreign, 40);
      assert.equal(warnings.filter((text) => /40 keys/.test(text)).length, 1, warnings.join('\n'));
    });
  });

  it('nor one that is too large for any response, whosever it is', async () => {
    const environment = { ...ENVIRONMENT, ETCD_MAX_REQUEST_BYTES: String(64 * 2 ** 20) };
    await inPeopledCluster(environment, async (member, cluster) => {
      const huge = 'x'.repeat(14 * 2 ** 20);
      await put(member, { key: `${batchesOf('one')}${EPOCH}-0000000000000000`, value: huge });
      await put(member, { key: presenceKey('huge'), value: huge });
      await put(member, { key: latestKey('one'), value: huge });
      const { warnings } = await startsAndFollows(member, cluster.urls[0] ?? '');
      assert.ok(
        warnings.some((text) => /too large/.test(text)),
        warnings.join('\n'),
      );
    });
  });

  it('are seen when they come later', async () => {
    await inPeopledCluster(ENVIRONMENT, async (member, cluster) => {
      const following = follow(cluster.urls);
      await until(() => following.follower.state.kind === 'following');
      for (let i = 0; i < 3; i++) await put(member, { key: `${PREFIX}late/${i}`, value: 'x' });
      await put(member, { key: batchKey('one', EPOCH, 6), value: batchText(EPOCH, 6, Date.now(), texts('one', 5, 5)) });
      await until(() => following.numbers.length === 10);
      assert.equal(following.follower.foreignKeys, 3);
      assert.equal(following.told.warnings.filter((text) => /such as/.test(text)).length, 1);
      await following.close();
    });
  });
});
