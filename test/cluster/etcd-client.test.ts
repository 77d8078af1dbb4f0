/** The calls to one etcd member, against real ones. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { EtcdError, faultOf } from '../../src/cluster/etcd/etcd-error';
import { compact, deleteRange, put, range, transact, under } from '../../src/cluster/etcd/key-values';
import { grantLease, keepAlive, revokeLease } from '../../src/cluster/etcd/leases';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { members, status, transferLeadership } from '../../src/cluster/etcd/membership';
import { type Change, watch } from '../../src/cluster/etcd/watch';
import { until } from '../support/until';
import { freePort } from '../system/user-directory';
import { EtcdCluster } from './etcd-cluster';
import { everyEtcd, noEtcd } from './etcd-programs';

if (noEtcd) it('the client of one member', { skip: noEtcd });

for (const { version, etcd } of everyEtcd()) {
  describe(`the client of one member, etcd ${version}`, () => {
    let cluster: EtcdCluster;
    const opened: EtcdMember[] = [];
    const ask = (endpoint: string, options = {}) => {
      const member = new EtcdMember(endpoint, options);
      opened.push(member);
      return member;
    };

    before(async () => {
      cluster = await EtcdCluster.start({ voters: 2, learners: 1, etcd });
    });
    after(async () => {
      for (const member of opened) member.close();
      await cluster?.stop();
    });

    const voter = () => ask(cluster.urls[0] ?? '');
    const learner = () => ask(cluster.urls[2] ?? '');

    it('reads what it wrote, in pages, in the order of names or of change', async () => {
      const member = voter();
      await put(member, { key: 'page/b', value: 'ä€😀' });
      await put(member, { key: 'page/a', value: '1' });
      const all = await range(member, under('page/'));
      assert.deepEqual(
        all.entries.map(({ key, value }) => [key, value]),
        [
          ['page/a', '1'],
          ['page/b', 'ä€😀'],
        ],
      );
      const first = await range(member, { ...under('page/'), limit: 1, newestFirst: true });
      assert.equal(first.entries[0]?.key, 'page/a');
      assert.equal(first.isMore, true);
      assert.equal(first.entries[0]?.modRevision, all.revision);
      const names = await range(member, { ...under('page/'), isKeysOnly: true });
      assert.equal(names.entries[0]?.value, '');
      assert.equal(await deleteRange(member, under('page/')), 2n);
    });

    it('a transaction is done whole where nothing changed meanwhile, and else tells what is there', async () => {
      const member = voter();
      const once = {
        compare: [{ key: 'txn/x', modRevision: 0n }],
        success: [
          { kind: 'put', key: 'txn/x', value: 'first' },
          { kind: 'delete', ...under('txn/old/') },
        ],
        failure: [{ kind: 'range', key: 'txn/x' }],
      } as const;
      const done = await transact(member, once);
      assert.equal(done.succeeded, true);
      const again = await transact(member, once);
      assert.equal(again.succeeded, false);
      assert.equal(again.ranges[0]?.[0]?.value, 'first');
      assert.equal(again.ranges[0]?.[0]?.modRevision, done.revision);
    });

    it('a lease is at least as long as etcd makes it, is kept alive, and takes its keys with it', async () => {
      const member = voter();
      const lease = await grantLease(member, 1_000);
      assert.ok(lease.ttlMs >= 1_000);
      await put(member, { key: 'leased', value: 'x', lease: lease.id });
      assert.equal((await keepAlive(member, lease.id)).ttlMs, lease.ttlMs);
      await revokeLease(member, lease.id);
      assert.deepEqual((await range(member, { key: 'leased' })).entries, []);
      await rejectsWith('not-found', keepAlive(member, lease.id));
      await rejectsWith('not-found', revokeLease(member, lease.id));
    });

    it('a watch tells every change in order, from a revision of the past, and a transaction at once', async () => {
      const member = voter();
      const from = await put(member, { key: 'watched/0', value: '0' });
      const changes: Change[] = [];
      const revisions: bigint[] = [];
      const ending = new AbortController();
      const watching = watch(member, {
        ...under('watched/'),
        fromRevision: from,
        signal: ending.signal,
        onChanges: (some, revision) => {
          changes.push(...some);
          revisions.push(revision);
        },
      });
      const done = await transact(member, {
        compare: [],
        success: [
          { kind: 'put', key: 'watched/1', value: '1' },
          { kind: 'delete', key: 'watched/0' },
        ],
      });
      await until(() => changes.length >= 3);
      ending.abort();
      await rejectsWith('closed', watching);
      assert.deepEqual(
        changes.map((change) => [change.kind, change.kind === 'put' ? change.entry.key : change.key]),
        [
          ['put', 'watched/0'],
          ['put', 'watched/1'],
          ['delete', 'watched/0'],
        ],
      );
      assert.equal(revisions.at(-1), done.revision);
    });

    it('a watch from a revision that is compacted says so', async () => {
      const member = voter();
      const old = await put(member, { key: 'compacted', value: '1' });
      const now = await put(member, { key: 'compacted', value: '2' });
      await compact(member, now);
      const options = { ...under('compacted'), fromRevision: old, onChanges: () => assert.fail('told of the past') };
      await rejectsWith('compacted', watch(member, options));
      await rejectsWith('compacted', range(member, { key: 'compacted', revision: old }));
    });

    it('a learner answers its status and reads of its own, and is called a learner for everything else', async () => {
      const member = learner();
      await put(voter(), { key: 'learnt', value: 'x' });
      assert.equal((await status(member)).isLearner, true);
      await until(async () => {
        const { entries } = await range(member, { key: 'learnt', isSerializable: true });
        return entries[0]?.value === 'x';
      });
      await rejectsWith('learner', range(member, { key: 'learnt' }));
      await rejectsWith('learner', put(member, { key: 'learnt', value: 'y' }));
      await rejectsWith('learner', grantLease(member, 1_000));
      const options = { ...under('learnt'), fromRevision: 1n, onChanges: () => undefined };
      await rejectsWith('learner', watch(member, options));
    });

    it('the leadership among members is moved by the one that has it, and by no other', async () => {
      const [one, two] = [voter(), ask(cluster.urls[1] ?? '')];
      const { leaderId } = await status(one);
      const all = await members(one);
      assert.equal(all.filter(({ isLearner }) => isLearner).length, 1);
      const target = all.find(({ id, isLearner }) => id !== leaderId && !isLearner);
      const isLeader = (await status(one)).memberId === leaderId;
      const [leader, other] = isLeader ? [one, two] : [two, one];
      await rejectsWith('refused', transferLeadership(other, target?.id ?? ''));
      await transferLeadership(leader, target?.id ?? '');
      await until(async () => (await status(one)).leaderId === target?.id);
    });

    it('a member that nobody runs is unreachable, a service that is none of etcd is told as such', async () => {
      await rejectsWith('unreachable', put(ask(`http://127.0.0.1:${await freePort()}`), { key: 'x', value: 'y' }));
      const server = createServer((_request, response) => response.writeHead(404).end('<html>not here')).listen(0);
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const error = await rejectsWith('broken-answer', status(ask(`http://127.0.0.1:${address.port}`)));
      assert.match(error.message, /HTTP 404 and "<html>not here" is no answer of etcd's JSON gateway/);
      server.close();
    });

    it('an answer that never ends, or is silent, costs its deadline and no more', async () => {
      const server = createServer((request, response) => {
        request.resume();
        response.writeHead(200).write('{"header":');
      }).listen(0);
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const member = ask(`http://127.0.0.1:${address.port}`);
      await rejectsWith('no-answer', put(member, { key: 'x', value: 'y' }, { deadlineMs: 100 }));
      const options = { ...under('x'), fromRevision: 1n, deadlineMs: 100, onChanges: () => undefined };
      await rejectsWith('no-answer', watch(member, options));
      server.closeAllConnections();
      server.close();
    });

    it('what is under way ends when the member is closed', async () => {
      const member = voter();
      const options = { ...under('closing'), fromRevision: 1n, onChanges: () => undefined };
      const watching = watch(member, { ...options, fromRevision: (await range(member, { key: 'x' })).revision });
      const ended = rejectsWith('closed', watching);
      member.close();
      await ended;
    });

    it('a voter without a majority says that there is no leader instead of waiting', async () => {
      const survivor = ask(cluster.urls[0] ?? '');
      await cluster.members[1]?.kill();
      await until(async () => {
        const error = await rejected(put(survivor, { key: 'x', value: 'y' }, { deadlineMs: 1_000 }));
        return error.kind === 'no-leader';
      });
      assert.ok((await range(survivor, { key: 'learnt', isSerializable: true })).entries.length > 0);
    });
  });
}

describe('a fault of etcd', () => {
  const faults: readonly (readonly [number, string, string])[] = [
    [3, 'etcdserver: user name is empty', 'unauthenticated'],
    [3, 'etcdserver: revision of auth store is old', 'unauthenticated'],
    [3, 'etcdserver: authentication failed, invalid user ID or password', 'denied'],
    [3, 'etcdserver: request is too large', 'invalid'],
    [5, 'etcdserver: requested lease not found', 'not-found'],
    [7, 'etcdserver: permission denied', 'denied'],
    [8, 'etcdserver: mvcc: database space exceeded', 'no-space'],
    [8, 'etcdserver: too many requests', 'busy'],
    [9, 'etcdserver: not leader', 'refused'],
    [11, 'etcdserver: mvcc: required revision has been compacted', 'compacted'],
    [11, 'etcdserver: mvcc: required revision is a future revision', 'invalid'],
    // etcd 3.4 and 3.5, then what is newer.
    [14, 'etcdserver: rpc not supported for learner', 'learner'],
    [9, 'etcdserver: rpc not supported for learner', 'learner'],
    [14, 'etcdserver: no leader', 'no-leader'],
    [14, 'etcdserver: leader changed', 'no-leader'],
    [14, 'etcdserver: request timed out, possibly due to previous leader failure', 'no-leader'],
    [14, 'etcdserver: server stopped', 'unreachable'],
    [15, 'etcdserver: corrupt cluster', 'corrupt'],
    [16, 'etcdserver: invalid auth token', 'unauthenticated'],
    [2, 'something new', 'unknown'],
  ];
  for (const [code, text, kind] of faults) {
    it(`"${text}" (${code}) is ${kind}`, () => assert.equal(faultOf(code, text), kind));
  }
});

async function rejected(promise: Promise<unknown>): Promise<EtcdError> {
  const error = await promise.then(
    () => assert.fail('it was done'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EtcdError, String(error));
  return error;
}

async function rejectsWith(kind: EtcdError['kind'], promise: Promise<unknown>): Promise<EtcdError> {
  const error = await rejected(promise);
  assert.equal(error.kind, kind, error.message);
  return error;
}
