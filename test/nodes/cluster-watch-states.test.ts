import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { ClusterState } from '../../src/runtime-api/runtime-api';
import { FakeRuntime } from './fake-runtime';
import { LED, OWN, Watched, ZERO } from './watched-cluster';

const LEADING: ClusterState = { ...LED, leader: 'pi4', isLeader: true };
const CUT_OFF: ClusterState = { connected: false, leader: '', isLeader: false, members: [{ ...OWN, healthy: false }] };

let watched: Watched;
afterEach(() => watched.flow.stop());

describe('the second output of cluster-watch', () => {
  it('tells the cluster as it is once the runtime is open', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = LED;
    watched = await Watched.start(runtime);
    assert.deepEqual(
      watched.states.map(({ payload, topic }) => ({ payload, topic })),
      [{ payload: LED, topic: 'cluster' }],
    );
    assert.ok(watched.states[0] !== undefined && !('token' in watched.states[0]));
    assert.deepEqual(watched.flow.messages, []);
  });

  it('tells each state once, whatever times say', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = LED;
    watched = await Watched.start(runtime);
    await watched.enter(LED);
    await watched.enter({ ...LED, members: [OWN, { ...ZERO, lastSeen: 9_000, skewMs: 41 }] });
    assert.equal(watched.states.length, 1);
    await watched.enter({ ...LED, members: [OWN, { ...ZERO, healthy: false }] });
    await watched.enter(LED);
    assert.deepEqual(
      watched.states.map(({ payload }) => payload),
      [LED, { ...LED, members: [OWN, { ...ZERO, healthy: false }] }, LED],
    );
  });

  it('tells that this node leads, and by which token, also where only that is another', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = LED;
    watched = await Watched.start(runtime);
    runtime.cluster.place = { kind: 'leader', token: 7 };
    await watched.enter(LEADING);
    runtime.cluster.place = { kind: 'leader', token: 9 };
    await watched.enter(LEADING);
    runtime.cluster.place = { kind: 'follower' };
    await watched.enter(LED);
    assert.deepEqual(
      watched.states.map((message) => message['token']),
      [undefined, 7, 9, undefined],
    );
  });

  it('tells that there is no cluster: nobody leads, and there are no members', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime);
    await watched.enter(LED);
    await watched.enter(undefined);
    const alone = { connected: false, leader: '', isLeader: false, members: [] };
    assert.deepEqual(
      watched.states.map(({ payload }) => payload),
      [alone, LED, alone],
    );
  });

  it('has a payload that the flow may change', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = Object.freeze({ ...LED, members: Object.freeze([Object.freeze({ ...OWN })]) });
    watched = await Watched.start(runtime);
    const [message] = watched.states;
    assert.ok(message !== undefined && typeof message.payload === 'object' && message.payload !== null);
    assert.ok('members' in message.payload && Array.isArray(message.payload.members));
    message.payload.members[0].healthy = 'changed';
    message.payload.members.push('another');
    assert.deepEqual(runtime.cluster.state.members, [OWN]);
  });
});

describe('the status of cluster-watch', () => {
  it('says whether there is a cluster, and who leads it', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime);
    for (const state of [CUT_OFF, { ...LED, leader: '' }, LED, LEADING, CUT_OFF, undefined]) await watched.enter(state);
    assert.deepEqual(watched.statuses, [
      'yellow ring status.loading',
      'grey ring status.no-cluster',
      'red ring errors.CLUSTER_UNAVAILABLE',
      'yellow ring status.no-leader',
      'green dot status.led-by',
      'green dot status.leading',
      'red ring errors.CLUSTER_UNAVAILABLE',
      'grey ring status.no-cluster',
    ]);
  });

  it('says that a property is wrong, and names it in the log', async () => {
    watched = await Watched.start(new FakeRuntime(), { emit: 'everything' });
    assert.equal(watched.statuses.at(-1), 'red ring errors.CONFIG_INVALID');
    assert.ok(
      watched.flow.logged.some((line) => /^cluster-watch property "emit" must be one of .*"everything"/.test(line)),
    );
  });

  it('says that no runtime was chosen', async () => {
    watched = await Watched.start(new FakeRuntime(), { runtime: 'nowhere' });
    assert.deepEqual(watched.statuses, ['red ring errors.CONFIG_INVALID']);
  });
});
