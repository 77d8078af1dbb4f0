/** A cluster set up, looked at, broken and mended by its commands alone, each member a real etcd. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { batchKey, cursorKey, latestKey, PREFIX } from '../../src/cluster/keys';
import type { ClusterReport } from '../../src/cluster-setup/cluster-status';
import { DROP_IN_FILE, ENVIRONMENT_FILE } from '../../src/cluster-setup/setup-files';
import { call, memberList, put, under } from '../cluster/etcd-calls';
import { etcdPrograms, noEtcd } from '../cluster/etcd-programs';
import { Site, type Spoken } from './site';

function site(test: TestContext): Site {
  const opened = new Site();
  test.after(() => opened.close());
  return opened;
}

function fine({ status, stdout }: Spoken): string {
  assert.equal(status, 0, stdout);
  return stdout;
}

function refused({ status, stdout }: Spoken, why: RegExp): void {
  assert.equal(status, 1, stdout);
  assert.match(stdout, why);
}

async function report(on: Site, name: string): Promise<ClusterReport> {
  return JSON.parse((await on.run(name, ['status', '--json'])).stdout);
}

const roles = ({ members }: ClusterReport) => members.map(({ name, role }) => `${name} ${role}`).sort();

describe('edge-wasi cluster', { skip: noEtcd }, () => {
  it('founds a cluster, takes in two voters and a learner, replaces a lost card, and lets nobody break it', async (test) => {
    const on = site(test);
    const founded = fine(await on.init('revpi'));
    assert.match(founded, /warning: no TLS/);
    assert.ok(founded.includes(`| endpoints = ["${on.url('revpi')}"]\n| role = "leader-preferred"`), founded);

    assert.match(fine(await on.join('pi4', 'voter', 'revpi')), /added pi4 as a learner\n.*pi4 is a voter now/s);
    assert.deepEqual((await report(on, 'revpi')).toMend, ['2 voters bear no more than 1 would: add one or remove one']);
    fine(await on.join('zero-a', 'voter', 'pi4'));
    const learner = fine(await on.join('zero-b', 'learner', 'zero-a'));
    assert.ok(learner.includes(`| endpoints = ["${on.url('zero-b')}", `), learner);
    const whole = await report(on, 'zero-b');
    assert.deepEqual([whole.toMend, whole.maySpare], [[], 1]);
    assert.deepEqual(roles(whole), ['pi4 voter', 'revpi leader', 'zero-a voter', 'zero-b learner']);
    await put(on.url('pi4'), '/k', 'kept');

    refused(await on.join('zero-c', 'learner', 'revpi'), /has a learner already.*need not be a member/s);
    refused(await on.join('pi4', 'voter', 'revpi'), /has a member pi4 already.*cluster remove pi4/s);
    assert.equal((await memberList(on.url('revpi'))).length, 4);

    await on.kill('zero-a');
    on.wipe('zero-a');
    const broken = await on.run('revpi', ['status']);
    refused(broken, /zero-a +voter +does not answer.*No further voter may fail.*to mend: zero-a/s);
    refused(await on.run('revpi', ['remove', 'pi4']), /Without pi4, 1 of 2 voters answer: no majority/);
    const kept = (node: string) => [latestKey(node), cursorKey(node), batchKey(node, 'ab', 1)].sort();
    for (const key of ['zero-a', 'zero-ab'].flatMap(kept)) await put(on.url('pi4'), key, '{}');
    fine(await on.run('revpi', ['remove', 'zero-a']));
    assert.deepEqual([...(await under(on.url('pi4'), PREFIX)).keys()].sort(), kept('zero-ab'));
    assert.match(fine(await on.join('zero-a', 'voter', 'revpi')), /as a voter at once/);
    assert.deepEqual((await report(on, 'zero-a')).toMend, []);

    // The leader itself: another takes over before it goes.
    fine(await on.run('pi4', ['remove', 'revpi']));
    assert.deepEqual(roles(await report(on, 'pi4')).filter((line) => /leader/.test(line)).length, 1);
    assert.equal((await memberList(on.url('pi4'))).length, 3);
  });

  it('takes up a join that was interrupted, and takes back one that could not write its files', async (test) => {
    const on = site(test);
    fine(await on.init('a'));
    const failing = { startEtcd: async () => ({ kind: 'failed', says: 'power gone' }) as const };
    refused(await on.join('b', 'voter', 'a', failing), /etcd does not start: power gone/);
    assert.deepEqual(
      (await memberList(on.url('a'))).map(({ name }) => name),
      ['a'],
    );

    const byHand = { startEtcd: async () => ({ kind: 'by-hand', because: 'tested so' }) as const };
    assert.match(fine(await on.join('b', 'voter', 'a', byHand)), /Once it runs: npx edge-wasi cluster promote b/);
    refused(await on.run('a', ['status']), /was added and never started/);
    refused(await on.join('c', 'voter', 'a'), /was added and has never started/);
    refused(await on.run('a', ['promote', 'b']), /no member b that has started/);
    assert.match(fine(await on.join('b', 'voter', 'a')), /b is a voter now/);
    assert.match(fine(await on.run('a', ['promote', 'b'])), /b is a voter$/);
  });

  it('takes up a join that was interrupted while it waited for the vote', async (test) => {
    const on = site(test);
    fine(await on.init('a'));
    fine(await on.join('b', 'learner', 'a'));
    assert.deepEqual(roles(await report(on, 'a')), ['a leader', 'b learner']);
    refused(await on.join('b', 'learner', 'a'), /has a member b already/);
    const again = fine(await on.join('b', 'voter', 'a'));
    assert.match(again, /b is a voter now/);
    assert.ok(again.includes(`| endpoints = ["${on.url('b')}", "${on.url('a')}"]`), again);
    assert.deepEqual(roles(await report(on, 'a')), ['a leader', 'b voter']);
    refused(await on.join('b', 'voter', 'a'), /has a member b already/);
  });

  it('says what to type when the quota is used up, and that helps', async (test) => {
    const on = site(test);
    fine(await on.init('a'));
    const [entry] = await memberList(on.url('a'));
    await put(on.url('a'), '/k', 'kept');
    await call(on.url('a'), 'maintenance/alarm', { action: 'ACTIVATE', memberID: entry?.ID, alarm: 'NOSPACE' });
    await assert.rejects(put(on.url('a'), '/k', 'x'), /space exceeded/);
    const { toMend } = await report(on, 'a');
    const typed = /nothing can be written: (.*)$/.exec(toMend[0] ?? '')?.[1];
    assert.ok(typed, toMend.join());
    execFileSync('sh', ['-ec', typed.replaceAll(' etcdctl ', ` ${etcdPrograms().etcdctl} `)]);
    await put(on.url('a'), '/k', 'x');
    assert.deepEqual((await report(on, 'a')).toMend, []);
  });

  it('changes nothing in a dry run, and writes what it showed otherwise', async (test) => {
    const on = site(test);
    const shown = fine(await on.init('a', ['--dry-run']));
    assert.throws(() => readFileSync(join(on.root('a'), ENVIRONMENT_FILE)), /ENOENT/);
    fine(await on.init('a'));
    for (const path of [ENVIRONMENT_FILE, DROP_IN_FILE])
      assert.ok(shown.includes(`--- ${path}\n${readFileSync(join(on.root('a'), path), 'utf8')}`), shown);
    const joined = fine(
      await on.run('b', [
        'join',
        '--name',
        'b',
        '--address',
        on.address('b'),
        '--role',
        'voter',
        '--cluster',
        on.url('a'),
        '--dry-run',
      ]),
    );
    assert.match(joined, /ETCD_INITIAL_CLUSTER="a=.*,b=.*"\nETCD_INITIAL_CLUSTER_STATE="existing"/);
    assert.equal((await memberList(on.url('a'))).length, 1);
  });

  it('says what is in the way before it changes anything', async (test) => {
    const on = site(test);
    refused(
      await on.init('a', [], { etcdVersion: async () => undefined }),
      /Nothing was changed.*there is no etcd: sudo/s,
    );
    refused(await on.init('a', [], { etcdVersion: async () => '3.3.25' }), /etcd 3\.3\.25 is too old/);
    refused(await on.init('a', [], { hasUnit: () => false }), /there is no etcd\.service/);
    refused(await on.init('a', [], { freeBytes: async () => 100e6 }), /100 MB are free .* of 536 MB/);
    refused(
      await on.run('a', ['init', '--name', 'a', '--address', '203.0.113.9']),
      /203\.0\.113\.9 is no address of this/,
    );
    fine(await on.init('a'));
    refused(await on.init('a'), /port 2379 of .* is taken.*holds a member already/s);
    refused(await on.join('b', 'voter', 'a', { etcdVersion: async () => '3.6.1' }), /more than one step newer/);
    const late = await on.join('b', 'voter', 'a', {
      now: () => Date.now() - 90_000,
      startEtcd: async () => ({ kind: 'by-hand', because: '' }),
    });
    assert.match(fine(late), /warning: a's clock is (89|90|91) s ahead/);
    await on.kill('a');
    refused(await on.run('a', ['status']), /No member of the cluster could answer/);
    refused(await on.run('nowhere', ['status']), /This machine is no member of a cluster/);
  });
});
