/** How large responses may be, one and all together, and whose fault it is. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Endpoints } from '../../src/cluster/endpoints';
import { EtcdError, type EtcdFault, isOfMember } from '../../src/cluster/etcd/etcd-error';
import { base64 } from '../../src/cluster/etcd/json-fields';
import { put, range, transact, under } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { status } from '../../src/cluster/etcd/membership';
import { MAX_RESPONSE_BYTES, MAX_RESPONSE_PARTS } from '../../src/cluster/etcd/received-text';
import { ResponseBudget } from '../../src/cluster/etcd/response-budget';
import { watch } from '../../src/cluster/etcd/watch';
import { systemClock } from '../../src/platform/clock';
import { until } from '../support/until';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { HEADER, HostileServer, says } from './hostile-server';

/** Of the largest request that etcd takes, without what is around it. */
const LARGEST_VALUE = 1.5 * 2 ** 20 - 1_024;

async function kindOf(promise: Promise<unknown>): Promise<EtcdFault> {
  const error = await promise.then(
    () => assert.fail('it was taken'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EtcdError, String(error));
  return error.kind;
}

function entry(value: string): string {
  return JSON.stringify({ header: HEADER, kvs: [{ key: base64('x'), mod_revision: '3', value }], count: '1' });
}

describe('one response', () => {
  let server: HostileServer;
  const opened: EtcdMember[] = [];
  before(async () => {
    server = await HostileServer.start(says(200, {}));
  });
  after(async () => {
    for (const member of opened) member.close();
    await server.stop();
  });
  const ask = (budget?: ResponseBudget) => {
    const member = new EtcdMember(server.url, budget === undefined ? {} : { budget });
    opened.push(member);
    return member;
  };
  const watching = (member: EtcdMember) => watch(member, { key: 'x', fromRevision: 1n, onChanges: () => undefined });

  it('that says how large it is, and is too large, is not read', async () => {
    const poured = new Poured();
    server.respond = (_path, response) => {
      response.writeHead(200, { 'content-length': String(72 * 2 ** 20) });
      poured.into(response, 72);
    };
    assert.equal(await kindOf(range(ask(), { key: 'x' })), 'too-large');
    assert.ok(poured.megabytes < 16, `${poured.megabytes} MB were sent`);
  });

  it('that turns out to be too large is read no further, and nobody is blamed for the keys of others', async () => {
    const poured = new Poured();
    server.respond = (_path, response) => poured.into(response, 72);
    for (const call of [
      range(ask(), { key: 'x' }),
      transact(ask(), { compare: [], success: [{ kind: 'range', key: 'x' }] }),
      watching(ask()),
    ]) {
      assert.equal(await kindOf(call), 'too-large');
    }
    assert.equal(isOfMember('too-large'), false);
    assert.ok(poured.megabytes < 3 * 16, `${poured.megabytes} MB were sent`);
  });

  it('of which nothing can be large is none of etcd’s then', async () => {
    server.respond = (_path, response) => new Poured().into(response, 72);
    assert.equal(await kindOf(status(ask())), 'broken-answer');
    assert.equal(await kindOf(put(ask(), { key: 'x', value: 'y' })), 'broken-answer');
  });

  it('of very many values is too large as well, however few bytes they are', async () => {
    const values = `[${'1,'.repeat(MAX_RESPONSE_PARTS)}1]`;
    assert.ok(values.length < MAX_RESPONSE_BYTES / 10);
    server.respond = says(200, `{"header":${JSON.stringify(HEADER)},"kvs":${values}}`);
    assert.equal(await kindOf(range(ask(), { key: 'x' })), 'too-large');
    server.respond = says(200, `{"a":${'['.repeat(MAX_RESPONSE_PARTS)}`);
    assert.equal(await kindOf(range(ask(), { key: 'x' })), 'too-large');
  });

  it('lines of a stream come whole, however they are cut, and each may be as large as a response', async () => {
    const value = 'ä€😀'.repeat(50_000);
    const events = [
      { kv: { key: base64('x'), mod_revision: '3', version: '1', create_revision: '3', value: base64(value) } },
    ];
    const line = Buffer.from(`${JSON.stringify({ result: { header: HEADER, events } })}\n`);
    server.respond = (_path, response) => {
      const all = Buffer.concat([line, line, line]);
      for (let at = 0; at < all.length; at += 9_973) response.write(all.subarray(at, at + 9_973));
      response.end();
    };
    const values: string[] = [];
    const options = {
      key: 'x',
      fromRevision: 1n,
      onChanges: (changes: readonly { readonly kind: string }[]) => {
        for (const change of changes) values.push((change as { entry?: { value: string } }).entry?.value ?? '');
      },
    };
    assert.equal(await kindOf(watch(ask(), options)), 'unreachable');
    assert.deepEqual(
      values.map((one) => one === value),
      [true, true, true],
    );
  });

  it('gives its share back however it ends', async () => {
    const budget = new ResponseBudget();
    const member = ask(budget);
    const large = entry('A'.repeat(2 ** 20));
    server.respond = says(200, large);
    assert.equal((await range(member, { key: 'x' })).entries.length, 1);
    server.respond = (_path, response) => new Poured().into(response, 72);
    await kindOf(range(member, { key: 'x' }));
    await kindOf(watching(member));
    server.respond = (_path, response) => {
      response.writeHead(200);
      response.write(large.slice(0, 2 ** 20));
    };
    assert.equal(await kindOf(range(member, { key: 'x' }, { deadlineMs: 300 })), 'no-answer');
    const ending = new AbortController();
    const given = kindOf(range(member, { key: 'x' }, { signal: ending.signal }));
    await until(() => budget.freeBytes < budget.totalBytes);
    ending.abort();
    assert.equal(await given, 'closed');
    assert.equal(budget.freeBytes, budget.totalBytes);
  });
});

describe('all responses together', () => {
  it('wait for room, in their order, and for no more than their deadline', async () => {
    const budget = new ResponseBudget(2 * MAX_RESPONSE_BYTES);
    const held: ServerResponse[] = [];
    const begin = entry('A'.repeat(2 ** 20)).slice(0, 2 ** 20);
    const rest = entry('A'.repeat(2 ** 20)).slice(2 ** 20);
    const server = await HostileServer.start((_path, response) => {
      response.writeHead(200);
      response.write(begin);
      held.push(response);
    });
    const member = new EtcdMember(server.url, { budget });
    try {
      const asked = Array.from({ length: 6 }, () => range(member, { key: 'x' }, { deadlineMs: 20_000 }));
      await until(() => held.length === 6 && budget.freeBytes < MAX_RESPONSE_BYTES);
      assert.ok(budget.freeBytes >= 0);
      assert.equal(await kindOf(range(member, { key: 'x' }, { deadlineMs: 300 })), 'too-large');
      for (const response of held) response.end(rest);
      const answers = await Promise.all(asked);
      assert.equal(answers.filter(({ entries }) => entries.length === 1).length, 6);
      assert.equal(budget.freeBytes, budget.totalBytes);
    } finally {
      member.close();
      await server.stop();
    }
  });

  it('of all members of a node have 16 MB', async () => {
    const respond = (path: string, response: ServerResponse) => {
      if (path.includes('status')) return says(200, { header: HEADER })(path, response);
      response.writeHead(200);
      // As much as a response may be, and then silence.
      response.write(entry('A'.repeat(2 ** 21)).slice(0, 2 ** 21));
    };
    const servers = await Promise.all([1, 2, 3].map(() => HostileServer.start(respond)));
    const budget = new ResponseBudget();
    assert.equal(budget.totalBytes, 16 * 2 ** 20);
    const urls = servers.map(({ url }) => url);
    const endpoints = new Endpoints(urls, { budget }, systemClock);
    const ending = new AbortController();
    try {
      const options = { deadlineMs: 60_000, signal: ending.signal };
      const asked = endpoints.members.flatMap((member) =>
        Array.from({ length: 6 }, () => kindOf(range(member, { key: 'x' }, options))),
      );
      await until(() => budget.freeBytes < MAX_RESPONSE_BYTES);
      assert.ok(budget.freeBytes >= 0);
      // One more is not read, and is nobody's fault.
      assert.equal(await kindOf(range(endpoints.own, { key: 'x' }, { deadlineMs: 1_000 })), 'too-large');
      ending.abort();
      assert.deepEqual(new Set(await Promise.all(asked)), new Set(['closed']));
      assert.equal(budget.freeBytes, budget.totalBytes);
    } finally {
      endpoints.close();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});

describe('etcd’s own largest', { skip: noEtcd }, () => {
  let cluster: EtcdCluster;
  let member: EtcdMember;
  before(async () => {
    cluster = await EtcdCluster.start({ voters: 1 });
    member = new EtcdMember(cluster.urls[0] ?? '');
  });
  after(async () => {
    member?.close();
    await cluster?.stop();
  });

  it('value is read, two of them at once are too large, and one key after the other is not', async () => {
    const value = 'x'.repeat(LARGEST_VALUE);
    await put(member, { key: 'large/a', value }, { deadlineMs: 20_000 });
    await put(member, { key: 'large/b', value }, { deadlineMs: 20_000 });
    const options = { deadlineMs: 20_000 };
    assert.equal((await range(member, { key: 'large/a' }, options)).entries[0]?.value.length, LARGEST_VALUE);
    assert.equal(await kindOf(range(member, under('large/'), options)), 'too-large');
    const first = await range(member, { ...under('large/'), limit: 1 }, options);
    assert.equal(first.isMore, true);
    const names = await range(member, { ...under('large/'), isKeysOnly: true }, options);
    assert.equal(names.entries.length, 2);
  });
});

/** A megabyte at a time, as long as it is read. */
class Poured {
  megabytes = 0;

  into(response: ServerResponse, megabytes: number): void {
    if (response.destroyed || megabytes === 0) return;
    this.megabytes += 1;
    if (response.write('A'.repeat(2 ** 20))) setImmediate(() => this.into(response, megabytes - 1));
    else response.once('drain', () => this.into(response, megabytes - 1));
  }
}
