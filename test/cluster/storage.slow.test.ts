/**
 * Members short of space: a quota that is used up and a disk that is full, each mended as an administrator would; and members
 * killed in the middle of a compaction. What was acknowledged is there afterwards, the same on all.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../support/until';
import { call, put, Refusal, statusOf, under } from './etcd-calls';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { smallDisk } from './small-disk';

/** gRPC's RESOURCE_EXHAUSTED. */
const EXHAUSTED = 8;
const SEED = 36;
const CALL_LIMIT_MS = 30_000;

/** Voters by a hash over all keys and revisions that are kept; a learner, which tells none, by what it has of the keys. */
async function agree(cluster: EtcdCluster): Promise<void> {
  const { clientUrl } = await cluster.leader();
  const { revision } = await statusOf(clientUrl);
  const [voters, learners] = [cluster.urls.slice(0, 3), cluster.urls.slice(3)];
  await eventually(async () => {
    const hashes = await Promise.all(
      voters.map(async (url) => (await call(url, 'maintenance/hash', { revision: String(revision) })).hash),
    );
    const contents = await Promise.all([clientUrl, ...learners].map((url) => under(url, '/', true)));
    return (
      hashes.every((hash) => hash === hashes[0]) && contents.every((content) => isDeepStrictEqual(content, contents[0]))
    );
  }, 'all members have the same');
}

/** Physically: all of it, before it answers. What has been compacted already is done. */
async function compact(url: string, revision: number): Promise<'done' | 'cut short'> {
  try {
    await call(url, 'kv/compaction', { revision: String(revision), physical: true }, CALL_LIMIT_MS);
    return 'done';
  } catch (error) {
    return error instanceof Refusal && error.message.includes('has been compacted') ? 'done' : 'cut short';
  }
}

describe('etcd without space', { skip: noEtcd }, () => {
  it('refuses writes at its quota, still serves what it has, and takes them again once space is made', async () => {
    const environment = { ETCD_QUOTA_BACKEND_BYTES: String(4 * 2 ** 20) };
    await inCluster({ voters: 3, learners: 1, environment }, async (cluster) => {
      const { clientUrl } = await cluster.leader();
      const value = 'v'.repeat(100_000);
      let kept = 0;
      const refusal = await (async () => {
        // The same key again and again: what fills the quota is history.
        for (;;) {
          try {
            await put(clientUrl, '/filling', value);
            await put(clientUrl, `/kept/${kept}`, 'x');
            kept++;
          } catch (error) {
            return error;
          }
        }
      })();
      assert.ok(refusal instanceof Refusal && refusal.code === EXHAUSTED, String(refusal));
      assert.ok(kept > 5);
      const { alarms = [] } = await call(clientUrl, 'maintenance/alarm', { action: 'GET' });
      assert.equal(alarms[0]?.alarm, 'NOSPACE');
      // The last put may have been done without being acknowledged.
      const size = (await under(clientUrl, '/kept/')).size;
      assert.ok(size === kept || size === kept + 1, `${size} of ${kept}`);

      const { revision } = await statusOf(clientUrl);
      assert.equal(await compact(clientUrl, revision), 'done');
      for (const url of cluster.urls.slice(0, 3)) await call(url, 'maintenance/defragment', {}, CALL_LIMIT_MS);
      for (const { memberID, alarm } of alarms)
        await call(clientUrl, 'maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm });
      await put((await cluster.leader()).clientUrl, '/kept/after', 'x');
      assert.ok((await statusOf(clientUrl)).dbSize < 4 * 2 ** 20);
    });
  });

  it('loses a member to a full disk, goes on, and has it back with everything once there is space', async (test) => {
    // Room for two of etcd's log files and a little.
    const disk = smallDisk(test, 192);
    if ('reason' in disk) return test.skip(disk.reason);
    await inCluster(
      {
        voters: 3,
        change: (settings) => (settings.name === 'b' ? { ...settings, dataDir: join(disk.folder, 'data') } : settings),
        // Its logs are 64 MB each; the snapshots make it begin new ones.
        environment: { ETCD_SNAPSHOT_COUNT: '100' },
      },
      async (cluster) => {
        const member = cluster.member('b');
        const others = cluster.members.filter(({ name }) => name !== 'b');
        const ballast = join(disk.folder, 'ballast');
        writeFileSync(ballast, Buffer.alloc(disk.freeBytes()));
        let written = 0;
        const value = 'v'.repeat(200_000);
        for (; member.running && written < 2_000; written++) {
          const { clientUrl } = await cluster.leader();
          await put(clientUrl, `/k/${String(written % 50).padStart(2, '0')}`, `${written} ${value}`).catch(
            () => undefined,
          );
        }
        assert.equal(member.running, false, 'its disk was not full enough');
        assert.match(member.lastLines(), /no space left on device/);
        const leader = await cluster.leader();
        assert.ok(others.includes(leader));
        await put(leader.clientUrl, '/while-away', 'kept');
        rmSync(ballast);
        member.start();
        await member.answers();
        await eventually(async () => (await under(member.clientUrl, '/while', true)).size === 1);
        await agree(cluster);
      },
    );
  });
});

describe('etcd killed while it compacts', { skip: noEtcd }, () => {
  it('comes back the same on all members, and compacts on', async (test) => {
    test.diagnostic(`seed ${SEED}`);
    await inCluster({ voters: 3, learners: 1 }, async (cluster) => {
      for (let round = 0; round < 3; round++) {
        const leader = await cluster.leader();
        for (let i = 0; i < 60; i++)
          await Promise.all(
            [1, 2, 3, 4, 5].map((n) => put(leader.clientUrl, `/k/${n}`, `${round} ${i} ${'v'.repeat(5_000)}`)),
          );
        const { revision } = await statusOf(leader.clientUrl);
        const compaction = compact(leader.clientUrl, revision);
        // Whether it has begun, is under way or over: all of that happens.
        await pause((SEED * (round + 1)) % 7);
        const killed = [leader, cluster.members.find((member) => member !== leader && member.name !== 'd') ?? leader];
        await Promise.all(killed.map((member) => member.kill()));
        await compaction;
        for (const member of killed) member.start();
        await Promise.all(killed.map((member) => member.answers()));
        const { clientUrl } = await cluster.leader();
        for (const value of (await under(clientUrl, '/k/')).values()) assert.ok(value.startsWith(`${round} 59 `));
        const again = (await statusOf(clientUrl)).revision;
        assert.equal(await compact(clientUrl, again), 'done');
        await agree(cluster);
      }
    });
  });
});
