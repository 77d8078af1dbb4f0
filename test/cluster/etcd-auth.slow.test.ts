/** Users and their tokens, against a real etcd with authentication. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { base64 } from '../../src/cluster/etcd/json-fields';
import { put, range, under } from '../../src/cluster/etcd/key-values';
import { type Credentials, EtcdMember } from '../../src/cluster/etcd/member';
import { watch } from '../../src/cluster/etcd/watch';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const ROOT: Credentials = { user: 'root', password: 'of the tests' };
const PI: Credentials = { user: 'pi', password: 'also of the tests' };

describe('a cluster with users', { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  const opened: EtcdMember[] = [];
  const as = (credentials?: Credentials) => {
    const member = new EtcdMember(cluster.urls[0] ?? '', { credentials });
    opened.push(member);
    return member;
  };

  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1 });
    const nobody = as();
    const permission = { permType: 'READWRITE', key: base64('mine/'), range_end: base64('mine0') };
    for (const [path, body] of [
      ['user/add', { name: ROOT.user, password: ROOT.password }],
      ['role/add', { name: 'root' }],
      ['user/grant', { user: 'root', role: 'root' }],
      ['user/add', { name: PI.user, password: PI.password }],
      ['role/add', { name: 'edge' }],
      ['role/grant', { name: 'edge', perm: permission }],
      ['user/grant', { user: 'pi', role: 'edge' }],
      ['enable', {}],
    ] as const) {
      await nobody.call(`/v3/auth/${path}`, body);
    }
  });
  after(async () => {
    for (const member of opened) member.close();
    await cluster?.stop();
  });

  it('a user may do what its role allows, and is denied the rest', async () => {
    const pi = as(PI);
    await put(pi, { key: 'mine/a', value: '1' });
    assert.equal((await range(pi, under('mine/'))).entries[0]?.value, '1');
    assert.equal(await kindOf(put(pi, { key: 'theirs', value: '1' })), 'denied');
    const options = { ...under('theirs'), fromRevision: 1n, onChanges: () => undefined };
    assert.equal(await kindOf(watch(pi, options)), 'denied');
  });

  it('a wrong password is denied, nobody at all is asked to authenticate', async () => {
    assert.equal(await kindOf(put(as({ ...PI, password: 'guessed' }), { key: 'mine/a', value: '1' })), 'denied');
    assert.equal(await kindOf(put(as(), { key: 'mine/a', value: '1' })), 'unauthenticated');
  });

  it('a token that the member has forgotten is asked for again', async () => {
    const pi = as(PI);
    await put(pi, { key: 'mine/a', value: '1' });
    await cluster.restart('a');
    await cluster.leader();
    await put(pi, { key: 'mine/a', value: '2' });
    const { entries } = await range(pi, under('mine/'));
    assert.equal(entries[0]?.value, '2');
  });

  it('a user works where authentication was turned off, and once it is on again', async () => {
    const pi = as(PI);
    await put(pi, { key: 'mine/a', value: '1' });
    await as(ROOT).call('/v3/auth/disable', {});
    await put(as(PI), { key: 'mine/a', value: '2' });
    await put(pi, { key: 'mine/a', value: '3' });
    await as().call('/v3/auth/enable', {});
    await put(pi, { key: 'mine/a', value: '4' });
  });
});

async function kindOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return error instanceof EtcdError ? error.kind : String(error);
  }
}
