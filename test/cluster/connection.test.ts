/** Whether a node has its cluster, as it says in its state and its log: never silent about not having it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connection } from '../../src/cluster/connection';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { ManualClock } from '../support/manual-clock';

const FAULT = new EtcdError('too-large', 'http://one', 'etcd at http://one: a line is too large');

function open() {
  const clock = new ManualClock();
  const log: string[] = [];
  const connection = new Connection(
    clock,
    (level, text) => log.push(`${level}: ${text}`),
    () => 0,
  );
  const pass = async (ms: number) => {
    await clock.advance(ms);
    connection.look();
  };
  return { connection, log, pass };
}

describe('the connection to the cluster', () => {
  it('is not up while a watch is interrupted for longer than an election, which is said', async () => {
    const { connection, log, pass } = open();
    connection.followed({ kind: 'following', endpoint: 'http://one' });
    connection.followed({ kind: 'interrupted', fault: FAULT });
    await pass(4_000);
    assert.equal(connection.isUp, true);
    await pass(1_000);
    assert.equal(connection.isUp, false);
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /CLUSTER_UNAVAILABLE.*a line is too large/);
    connection.followed({ kind: 'following', endpoint: 'http://one' });
    assert.equal(connection.isUp, true);
    assert.match(log[1] ?? '', /is reached again/);
  });

  it('says once that it takes long to read what the cluster has', async () => {
    const { connection, log, pass } = open();
    await pass(4_000);
    assert.deepEqual(log, []);
    await pass(1_000);
    await pass(60_000);
    assert.equal(connection.isUp, false);
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /info: .*is still reading/);
  });
});
