import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { NodeMessage } from 'node-red';
import type { Reading } from '../../src/readings/reading';
import type { ClusterState, RuntimeApi } from '../../src/runtime-api';
import { readingOf } from '../readings/reading-of';
import { FakeRuntime, failing, Pending } from './fake-runtime';
import { Flow, OUT, RUNTIME, settled } from './flow';

const STATES = { id: 'states', type: 'helper' };
const NODE = { id: 'watch', type: 'cluster-watch', runtime: 'runtime', emit: 'readings', wires: [['out'], ['states']] };
const OWN = { node: 'pi4', role: 'voter', healthy: true, lastSeen: 1_000, skewMs: 0 } as const;
const ZERO = { node: 'zero', role: 'learner', healthy: true, lastSeen: 2_000, skewMs: 40 } as const;
const LED: ClusterState = { connected: true, leader: 'revpi', isLeader: false, members: [OWN, ZERO] };
const LEADING: ClusterState = { ...LED, leader: 'pi4', isLeader: true };
const CUT_OFF: ClusterState = { connected: false, leader: '', isLeader: false, members: [{ ...OWN, healthy: false }] };

let flow: Flow;
let states: NodeMessage[];
afterEach(() => flow.stop());

/** The runtime opens once the test listens to both outputs. */
async function start(runtime: FakeRuntime, properties: object = {}): Promise<void> {
  const opening = new Pending<RuntimeApi>();
  flow = await Flow.start([RUNTIME, { ...NODE, ...properties }, OUT, STATES], () => opening.promise);
  states = [];
  flow.node('states').on('input', (message) => states.push(message));
  opening.resolve(runtime);
  await settled();
}

async function enter(runtime: FakeRuntime, state: ClusterState | undefined): Promise<void> {
  runtime.cluster.state = state;
  runtime.emit({ kind: 'cluster', state });
  await settled();
}

/** Of another node, numbered by their time. */
function numbered(count: number, node = 'zero'): Reading[] {
  return Array.from({ length: count }, (_, timestamp) => readingOf({ node, timestamp }));
}

describe('the first output of cluster-watch', () => {
  it('has the readings of other nodes as plugin-poll has its own, and none of this node', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    runtime.emit({ kind: 'readings', readings: [readingOf()] });
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'zero' })] });
    await flow.until(() => flow.messages.length > 0);
    await settled();
    assert.equal(flow.messages.length, 1);
    const { payload, topic, plugin, node, sensorId, timestamp } = flow.messages[0] ?? {};
    assert.deepEqual(
      { payload, topic, plugin, node, sensorId, timestamp },
      {
        payload: { temperature: 21.5, humidity: 40 },
        topic: 'zero/dht22/room',
        plugin: 'dht22',
        node: 'zero',
        sensorId: 'room',
        timestamp: 1_000,
      },
    );
  });

  it('has a message per number, with its discovery, where that is wanted', async () => {
    const runtime = new FakeRuntime();
    await start(runtime, { emit: 'values' });
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'zero' })] });
    await flow.until(() => flow.messages.length === 2);
    assert.deepEqual(
      flow.messages.map(({ topic, payload }) => [topic, payload]),
      [
        ['zero/dht22/room/temperature', 21.5],
        ['zero/dht22/room/humidity', 40],
      ],
    );
    for (const message of flow.messages) assert.ok('discovery' in message && message['discovery'] !== undefined);
  });

  it('has a list a node, where that is wanted', async () => {
    const runtime = new FakeRuntime();
    await start(runtime, { emit: 'batch' });
    runtime.emit({ kind: 'readings', readings: [...numbered(3), ...numbered(2, 'revpi')] });
    await flow.until(() => flow.messages.length === 2);
    assert.deepEqual(
      flow.messages.map(({ topic, payload }) => [topic, Array.isArray(payload) && payload.length]),
      [
        ['zero/*', 3],
        ['revpi/*', 2],
      ],
    );
  });

  it('goes by the name that this node has now', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    runtime.config = { ...runtime.config, cluster: { ...runtime.config.cluster, nodeId: 'zero' } };
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'zero' })] });
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'pi4' })] });
    await flow.until(() => flow.messages.length > 0);
    await settled();
    assert.deepEqual(
      flow.messages.map(({ node }) => node),
      ['pi4'],
    );
  });

  it('hands on what comes at once after an outage in order, whole, and a few at a time', async () => {
    const runtime = new FakeRuntime();
    await start(runtime, { emit: 'values' });
    const all = numbered(3_000);
    for (let from = 0; from < all.length; from += 500)
      runtime.emit({ kind: 'readings', readings: all.slice(from, from + 500) });
    let most = 0;
    for (let seen = 0; seen < 6_000; ) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, flow.messages.length - seen);
      seen = flow.messages.length;
    }
    assert.ok(most <= 40, `${most} messages in one turn of the loop`);
    await settled();
    const times = flow.messages.map(({ timestamp }) => timestamp);
    assert.deepEqual(
      times,
      all.flatMap(({ timestamp }) => [timestamp, timestamp]),
    );
  });

  it('sends nothing any more once the node was closed', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    runtime.emit({ kind: 'readings', readings: numbered(1_000) });
    await flow.until(() => flow.messages.length > 0);
    await flow.node('watch').close(true);
    await settled();
    const { length } = flow.messages;
    runtime.emit({ kind: 'readings', readings: numbered(10) });
    await enter(runtime, LED);
    assert.equal(flow.messages.length, length);
    assert.ok(length < 1_000);
  });
});

describe('the second output of cluster-watch', () => {
  it('tells the cluster as it is once the runtime is open', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = LED;
    await start(runtime);
    assert.deepEqual(
      states.map(({ payload, topic }) => ({ payload, topic })),
      [{ payload: LED, topic: 'cluster' }],
    );
    assert.ok(states[0] !== undefined && !('token' in states[0]));
    assert.deepEqual(flow.messages, []);
  });

  it('tells each state once, whatever times say', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = LED;
    await start(runtime);
    await enter(runtime, LED);
    await enter(runtime, { ...LED, members: [OWN, { ...ZERO, lastSeen: 9_000, skewMs: 41 }] });
    assert.equal(states.length, 1);
    await enter(runtime, { ...LED, members: [OWN, { ...ZERO, healthy: false }] });
    await enter(runtime, LED);
    assert.deepEqual(
      states.map(({ payload }) => payload),
      [LED, { ...LED, members: [OWN, { ...ZERO, healthy: false }] }, LED],
    );
  });

  it('tells that this node leads, and by which token, also where only that is another', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = LED;
    await start(runtime);
    runtime.cluster.place = { kind: 'leader', token: 7 };
    await enter(runtime, LEADING);
    runtime.cluster.place = { kind: 'leader', token: 9 };
    await enter(runtime, LEADING);
    runtime.cluster.place = { kind: 'follower' };
    await enter(runtime, LED);
    assert.deepEqual(
      states.map((message) => message['token']),
      [undefined, 7, 9, undefined],
    );
  });

  it('tells that there is no cluster: nobody leads, and there are no members', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    await enter(runtime, LED);
    await enter(runtime, undefined);
    const alone = { connected: false, leader: '', isLeader: false, members: [] };
    assert.deepEqual(
      states.map(({ payload }) => payload),
      [alone, LED, alone],
    );
  });

  it('has a payload that the flow may change', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.state = Object.freeze({ ...LED, members: Object.freeze([Object.freeze({ ...OWN })]) });
    await start(runtime);
    const [message] = states;
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
    await start(runtime);
    for (const state of [CUT_OFF, { ...LED, leader: '' }, LED, LEADING, CUT_OFF, undefined])
      await enter(runtime, state);
    assert.deepEqual(flow.statuses('watch'), [
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

  it('says what a runtime failed to open with', async () => {
    flow = await Flow.start([RUNTIME, { ...NODE, wires: [[], []] }], failing('CONFIG_INVALID'));
    await flow.untilStatus('watch', 'red ring errors.CONFIG_INVALID');
  });

  it('says that a property is wrong, and names it in the log', async () => {
    await start(new FakeRuntime(), { emit: 'everything' });
    assert.equal(flow.statuses('watch').at(-1), 'red ring errors.CONFIG_INVALID');
    assert.ok(flow.logged.some((line) => /^cluster-watch property "emit" must be one of .*"everything"/.test(line)));
  });

  it('says that no runtime was chosen', async () => {
    await start(new FakeRuntime(), { runtime: 'nowhere' });
    assert.deepEqual(flow.statuses('watch'), ['red ring errors.CONFIG_INVALID']);
  });
});
