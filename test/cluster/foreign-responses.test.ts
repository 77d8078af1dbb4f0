/** What is no response of etcd is the fault of whoever sent it: each call says so, and the next endpoint is asked. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Endpoints } from '../../src/cluster/endpoints';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { compact, deleteRange, put, range, transact } from '../../src/cluster/etcd/key-values';
import { grantLease, keepAlive, revokeLease } from '../../src/cluster/etcd/leases';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { addMember, alarms, members, promoteMember, removeMember, status } from '../../src/cluster/etcd/membership';
import { watch } from '../../src/cluster/etcd/watch';
import { systemClock } from '../../src/platform/clock';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { HEADER, HostileServer, type Respond, says } from './hostile-server';

const KEY = Buffer.from('x').toString('base64');
const ENTRY = { key: KEY, create_revision: '3', mod_revision: '3', version: '1', value: KEY };

/** Whatever is asked. */
const FOREIGN: Readonly<Record<string, Respond>> = {
  'a proxy: HTTP 500 with an error': says(500, { error: 'upstream failed' }),
  'a service: HTTP 404 with a message': says(404, { message: 'no such route' }),
  'a service: HTTP 404 with a code of its own': says(404, { code: 404, message: 'no such route' }),
  'a service of gRPC that is not etcd': says(404, { code: 5, message: 'Not Found', details: [] }),
  'a service that denies': says(403, { code: 7, error: 'denied', message: 'denied' }),
  'a service that wants a login': says(401, { code: 16, message: 'Unauthorized' }),
  'a page': says(200, '<html>welcome</html>'),
  'a page of a proxy': says(502, '<html>Bad Gateway</html>'),
  nothing: says(200, ''),
  '204': says(204, ''),
  'an empty object': says(200, {}),
  null: says(200, 'null'),
  'a list': says(200, []),
  'an empty header': says(200, { header: {} }),
  'a header that is null': says(200, { header: null }),
  'a header without its cluster': says(200, { header: { ...HEADER, cluster_id: undefined } }),
  'a header without its member': says(200, { header: { ...HEADER, member_id: '0' } }),
  'ids that are numbers': says(200, { header: { ...HEADER, cluster_id: 11, member_id: 12 } }),
  'an id of more than 64 bits': says(200, { header: { ...HEADER, cluster_id: '18446744073709551616' } }),
  'an error with HTTP 200': says(200, { error: 'etcdserver: no leader', code: 14, message: 'etcdserver: no leader' }),
  'an error with other words than its message': says(400, { error: 'a', message: 'etcdserver: b', code: 9 }),
  'an error without a code': says(503, { error: 'etcdserver: no leader', message: 'etcdserver: no leader' }),
};

/** To this call alone: the header is as etcd's. */
const WRONG: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  range: [
    ['no revision', { header: { ...HEADER, revision: undefined } }],
    ['revision 0', { header: { ...HEADER, revision: '0' } }],
    ['a revision that is a number', { header: { ...HEADER, revision: 13 } }],
    ['a list that is null', { header: HEADER, kvs: null }],
    ['a list that is empty', { header: HEADER, kvs: [] }],
    ['a list that is an object', { header: HEADER, kvs: {} }],
    ['a list of texts', { header: HEADER, kvs: ['x'] }],
    ['an entry without a key', { header: HEADER, kvs: [{ ...ENTRY, key: undefined }] }],
    ['a key that is no base64', { header: HEADER, kvs: [{ ...ENTRY, key: '***=' }] }],
    ['a value that is a number', { header: HEADER, kvs: [{ ...ENTRY, value: 7 }] }],
    ['an entry without a revision', { header: HEADER, kvs: [{ ...ENTRY, mod_revision: undefined }] }],
    ['more of nothing', { header: HEADER, more: true }],
    ['more that is a text', { header: HEADER, kvs: [ENTRY], more: 'yes' }],
  ],
  put: [['no revision', { header: { ...HEADER, revision: undefined } }]],
  delete: [['a count that is a number', { header: HEADER, deleted: 1 }]],
  transaction: [
    ['no responses', { header: HEADER, succeeded: true }],
    ['responses that are null', { header: HEADER, succeeded: true, responses: null }],
    ['an empty response', { header: HEADER, succeeded: true, responses: [{}] }],
    ['a response to another operation', { header: HEADER, succeeded: true, responses: [{ response_put: {} }] }],
    ['success that is a text', { header: HEADER, succeeded: 'true', responses: [{ response_range: {} }] }],
    ['a null range', { header: HEADER, succeeded: true, responses: [{ response_range: null }] }],
    ['an empty list', { header: HEADER, succeeded: true, responses: [{ response_range: { kvs: [] } }] }],
  ],
  'lease grant': [
    ['no lease', { header: HEADER, TTL: '10' }],
    ['no time', { header: HEADER, ID: '7' }],
  ],
  'keep alive': [
    ['no result', { header: HEADER }],
    ['a result without a header', { result: { ID: '7', TTL: '10' } }],
    ['another lease', { result: { header: HEADER, ID: '8', TTL: '10' } }],
    ['nothing', ''],
  ],
  watch: [
    ['no result', { header: HEADER }],
    ['a result that is null', { result: null }],
    ['a result without a header', { result: { created: true } }],
    ['events that are null', { result: { header: HEADER, events: null } }],
    ['an event without a key', { result: { header: HEADER, events: [{ kv: {} }] } }],
    ['a foreign error', { error: { code: 5, message: 'no such stream' } }],
  ],
  members: [
    ['none', { header: HEADER }],
    ['an empty list', { header: HEADER, members: [] }],
    ['one without an id', { header: HEADER, members: [{ name: 'a' }] }],
    ['addresses that are a text', { header: HEADER, members: [{ ID: '1', peerURLs: 'http://a' }] }],
  ],
  status: [['a version that is a number', { header: HEADER, version: 3.4 }]],
  alarms: [['a list that is null', { header: HEADER, alarms: null }]],
};

const CALLS: Readonly<Record<string, (member: EtcdMember) => Promise<unknown>>> = {
  range: (member) => range(member, { key: 'x' }),
  put: (member) => put(member, { key: 'x', value: 'y' }),
  delete: (member) => deleteRange(member, { key: 'x' }),
  transaction: (member) => transact(member, { compare: [], success: [{ kind: 'range', key: 'x' }] }),
  compaction: (member) => compact(member, 1n),
  'lease grant': (member) => grantLease(member, 1_000),
  'lease revoke': (member) => revokeLease(member, '7'),
  'keep alive': (member) => keepAlive(member, '7'),
  watch: (member) => watch(member, { key: 'x', fromRevision: 1n, onChanges: () => undefined }),
  members: (member) => members(member),
  'member add': (member) => addMember(member, { peerUrls: ['http://a:1'], isLearner: true }),
  'member promote': (member) => promoteMember(member, '1'),
  'member remove': (member) => removeMember(member, '1'),
  status: (member) => status(member),
};

async function faultOf(promise: Promise<unknown>): Promise<EtcdError> {
  const error = await promise.then(
    (done) => assert.fail(`it was taken: ${String(done)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EtcdError, String(error));
  return error;
}

describe('a response that is none of etcd’s', () => {
  let hostile: HostileServer;
  const opened: EtcdMember[] = [];

  before(async () => {
    hostile = await HostileServer.start(says(200, {}));
  });
  after(async () => {
    for (const member of opened) member.close();
    await hostile.stop();
  });
  const ask = () => {
    const member = new EtcdMember(hostile.url);
    opened.push(member);
    return member;
  };

  for (const [what, respond] of Object.entries(FOREIGN)) {
    it(`${what}: every call says that it is no answer of etcd`, async () => {
      hostile.respond = respond;
      const member = ask();
      for (const [name, call] of Object.entries(CALLS)) {
        const { kind, message } = await faultOf(call(member));
        assert.equal(kind, 'broken-answer', `${name}: ${message}`);
        assert.ok(message.includes(hostile.url), message);
      }
    });
  }

  for (const [name, bodies] of Object.entries(WRONG)) {
    for (const [what, body] of bodies) {
      it(`to ${name}, ${what}`, async () => {
        hostile.respond = says(200, typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
        const call = { alarms: (member: EtcdMember) => alarms(member), ...CALLS }[name];
        assert.ok(call);
        const { kind, message } = await faultOf(call(ask()));
        assert.equal(kind, 'broken-answer', message);
      });
    }
  }

  it('a redirect is not followed, whatever it is and wherever it leads', async () => {
    const target = await HostileServer.start(says(200, { header: HEADER, kvs: [ENTRY], count: '1' }));
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        hostile.respond = says(status, {}, { location: `${target.url}/v3/kv/range` });
        for (const call of Object.values(CALLS)) {
          const { kind, message } = await faultOf(call(ask()));
          assert.equal(kind, 'broken-answer', message);
          assert.match(message, /redirects to "http/);
        }
      }
      assert.deepEqual(target.asked, []);
    } finally {
      await target.stop();
    }
  });

  it('an error of etcd is one of etcd, in each of its forms', async () => {
    const text = 'etcdserver: permission denied';
    const forms = [
      { error: text, message: text, code: 7 },
      { code: 7, message: text },
      { code: 7, message: text, details: [] },
    ];
    for (const form of forms) {
      hostile.respond = says(403, form);
      assert.equal((await faultOf(range(ask(), { key: 'x' }))).kind, 'denied');
    }
    const streamed = [
      { error: { grpc_code: 7, http_code: 403, message: text, http_status: 'Forbidden' } },
      { error: { code: 7, message: text } },
    ];
    for (const form of streamed) {
      hostile.respond = says(200, `${JSON.stringify(form)}\n`);
      assert.equal((await faultOf(keepAlive(ask(), '7'))).kind, 'denied');
    }
  });
});

describe('endpoints of which one is not etcd', { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1 });
  });
  after(async () => {
    await cluster?.stop();
  });

  for (const [what, respond] of Object.entries(FOREIGN)) {
    it(`${what}: the other one is asked instead, and it is left alone for a while`, async () => {
      const hostile = await HostileServer.start(respond);
      const endpoints = new Endpoints([hostile.url, cluster.urls[0] ?? ''], {}, systemClock);
      try {
        await endpoints.ask((member) => put(member, { key: 'x', value: what }));
        const asked = hostile.asked.length;
        const { entries } = await endpoints.ask((member) => range(member, { key: 'x' }));
        assert.equal(entries[0]?.value, what);
        // The second time is that every endpoint is asked once to which cluster it belongs.
        assert.ok(hostile.asked.length <= asked + 1, `${hostile.asked.length} after ${asked}`);
      } finally {
        endpoints.close();
        await hostile.stop();
      }
    });
  }
});
