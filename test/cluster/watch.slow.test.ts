/** The node cluster-watch in a real Node-RED, at real members of etcd: what it sends, and what it tells of who leads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterState } from '../../src/runtime-api/runtime-api';
import { NONE_BUNDLED, TestRuntime } from '../runtime/test-runtime';
import { MqttBroker } from '../system/broker';
import {
  debugNode,
  exampleFlow,
  type FlowNode,
  HOST_TOML,
  onTab,
  runtimeNode,
  STILL_WORLD,
  TAB,
  theNode,
} from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

interface Told {
  readonly topic: string;
  readonly payload: ClusterState;
  readonly token?: number;
}

const FILES = { counter: 'counter_v1' };
const WATCH = onTab('watch', 'cluster-watch', { runtime: 'runtime', emit: 'readings' });
const FLOW = [
  TAB,
  runtimeNode('runtime'),
  { ...WATCH, wires: [['readings'], ['states']] },
  debugNode('readings'),
  debugNode('states'),
];
/** A leader that ends says so; one that falls silent is replaced within seconds. */
const TAKES_OVER_MS = 30_000;

function clusterTable(node: string, urls: readonly string[]): string {
  return `[cluster]\nenabled = true\nnode_id = "${node}"\nendpoints = ${JSON.stringify(urls)}\n`;
}

function startNodeRed(node: string, { urls }: EtcdCluster): Promise<NodeRed> {
  const toml = STILL_WORLD.replace(/^\[cluster\]\nnode_id = .*\n/, clusterTable(node, urls));
  return NodeRed.start({ linked: true, texts: { [HOST_TOML]: toml } });
}

function isTold(value: unknown): value is Told {
  return typeof value === 'object' && value !== null && 'topic' in value && value.topic === 'cluster';
}

function told(nodeRed: NodeRed): readonly Told[] {
  return nodeRed.comms.debugs('states').filter(isTold);
}

/** What a state says beside times. */
function gist({ payload: { connected, leader, isLeader, members }, token }: Told): string {
  return JSON.stringify([connected, leader, isLeader, token, members.map(({ node, healthy }) => [node, healthy])]);
}

describe('cluster-watch', { skip: noEtcd }, () => {
  it('sends what another node reads, tells who leads, and says once that etcd is gone and that it is back', async (test) => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const zero = await TestRuntime.open(test, `${NONE_BUNDLED}${clusterTable('zero', cluster.urls)}`, FILES);
      await zero.until(() => zero.runtime.cluster.standing().kind === 'leader');
      const nodeRed = await startNodeRed('hub', cluster);
      try {
        await nodeRed.deploy(FLOW);
        await nodeRed.untilStatus('watch', 'green dot led by zero (sim)');
        for (let poll = 0; poll < 3; poll++) await zero.poll('counter');
        const sent = await nodeRed.untilDebugs('readings', 3);
        assert.deepEqual(
          sent.map((message) => {
            assert.ok(typeof message === 'object' && message !== null && 'topic' in message && 'payload' in message);
            return [message.topic, message.payload];
          }),
          [1, 2, 3].map((count) => ['zero/counter/counter', { count, version: 1 }]),
        );

        await zero.close();
        await nodeRed.until('this node leads', () => told(nodeRed).at(-1)?.token !== undefined, TAKES_OVER_MS);
        await nodeRed.untilStatus('watch', 'green dot leading (sim)');
        const { payload, token = 0 } = told(nodeRed).at(-1) ?? assert.fail('nothing was told');
        assert.deepEqual([payload.connected, payload.leader, payload.isLeader], [true, 'hub', true]);
        assert.ok(Number.isInteger(token) && token > 0);

        await cluster.member('a').kill();
        await nodeRed.untilStatus('watch', 'red ring cut off (sim)');
        cluster.member('a').start();
        await nodeRed.untilStatus('watch', 'green dot leading (sim)');
        await nodeRed.until('it is told', () => told(nodeRed).at(-1)?.token !== undefined, TAKES_OVER_MS);

        const states = told(nodeRed);
        for (const { payload, token } of states) assert.equal(payload.isLeader, token !== undefined);
        const connections = states.map(({ payload: { connected } }) => connected);
        const changes = connections.filter((connected, at) => at === 0 || connected !== connections[at - 1]);
        // It may or may not have been connected when the runtime was open.
        assert.deepEqual(changes.slice(-3), [true, false, true]);
        assert.ok(changes.length <= 4, String(changes));
        for (const [at, state] of states.entries()) {
          const before = states[at - 1];
          assert.ok(before === undefined || gist(before) !== gist(state), `told twice: ${gist(state)}`);
        }
        const outages = nodeRed.comms.statuses('watch').filter(({ text }) => text?.startsWith('cut off'));
        assert.ok(outages.length <= 2, 'shown once, and perhaps before the first connection');
        assert.ok((states.at(-1)?.token ?? 0) >= token, 'a token never shrinks');
        assert.equal(nodeRed.comms.debugs('readings').length, 3, 'none twice, and none of its own');
      } finally {
        await nodeRed.stop();
      }
    });
  });

  it('lets one node alone send the numbers of all to a database, and raise their alarms: both examples', async () => {
    await inCluster({ voters: 1 }, async (cluster) => {
      const broker = await MqttBroker.start();
      const nodeReds: NodeRed[] = [];
      try {
        const flow = broker.takenBy(bothExamples());
        const notify = theNode(flow, 'debug', 'notify').id;
        const watch = theNode(flow, 'cluster-watch', 'the other nodes').id;
        for (const node of ['hub', 'zero']) {
          const nodeRed = await startNodeRed(node, cluster);
          nodeReds.push(nodeRed);
          await nodeRed.deploy(flow);
          // Whoever comes first leads.
          await nodeRed.untilStatus(watch, node === 'hub' ? 'green dot leading (sim)' : 'green dot led by hub (sim)');
        }
        const [hub, zero] = nodeReds;
        assert.ok(hub !== undefined && zero !== undefined);
        const told = () => hub.comms.debugs(notify).map(String).sort();
        await hub.until('alarms of the other node', () => told().length >= 2);
        assert.deepEqual(told(), ['zero/bme680/bme680 is all right', 'zero/dht22/dht22 is all right']);
        assert.deepEqual(zero.comms.debugs(notify), []);

        const nodes = () => new Set(broker.published.map(({ topic }) => topic.split('/')[1]));
        await hub.until('numbers of both nodes', () => nodes().size === 2);
        const seen = broker.published.length;
        await hub.until('more of them', () => broker.published.length > seen + 30);
        assert.equal(new Set(broker.published.map(({ client }) => client)).size, 1, 'one node sends');
        assert.deepEqual(broker.doubled(), []);
      } finally {
        for (const nodeRed of nodeReds) await nodeRed.stop();
        await broker.stop();
      }
    });
  });
});

/** At one runtime, as their texts tell; 11-cluster polls nothing, so that what it shows of its own comes from another node. */
function bothExamples(): FlowNode[] {
  const nodes = ['11-cluster', '12-cluster-to-database'].flatMap(exampleFlow);
  const others = nodes.filter(({ type }) => type !== 'wasi-runtime');
  const polling = theNode(nodes, 'plugin-poll', 'all sensors').id;
  return [runtimeNode('runtime'), ...others].map((node) => {
    const one = 'runtime' in node ? { ...node, runtime: 'runtime' } : node;
    return node.id === polling ? { ...one, every: '' } : one;
  });
}
