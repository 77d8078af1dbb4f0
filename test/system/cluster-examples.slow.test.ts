/** The examples 11-cluster and 12-cluster-to-database on a machine that is in no cluster: they do there what a leader does. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MqttBroker } from './broker';
import { exampleFlow, HOST_TOML, STILL_WORLD, theNode } from './flow-nodes';
import { NodeRed } from './node-red';

const HOT_ROOM = STILL_WORLD.replace('dht22_temperature = 21.5', 'dht22_temperature = 31.5');

let nodeRed: NodeRed;
before(async () => {
  nodeRed = await NodeRed.start({ linked: true, texts: { [HOST_TOML]: HOT_ROOM } });
});
after(() => nodeRed?.stop());

describe('without a cluster, the example', () => {
  it('11-cluster says that there is none, tells of this node’s alarms, and serves its page', async () => {
    const flow = exampleFlow('11-cluster');
    await nodeRed.deploy(flow);
    await nodeRed.untilStatus(theNode(flow, 'cluster-watch').id, 'grey ring no cluster (sim)');
    const [cluster] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'cluster').id);
    assert.ok(typeof cluster === 'object' && cluster !== null && 'payload' in cluster);
    assert.deepEqual(cluster.payload, { connected: false, leader: '', isLeader: false, members: [] });
    const told = await nodeRed.untilDebugs(theNode(flow, 'debug', 'notify').id, 2);
    assert.deepEqual(told, ['pi4/dht22/dht22 is too hot', 'pi4/bme680/bme680 is all right']);
    const own = theNode(flow, 'debug', 'this node').id;
    const before = nodeRed.comms.debugs(own).length;
    await nodeRed.inject(theNode(flow, 'inject').id);
    await nodeRed.untilDebugs(own, before + 3);
    assert.deepEqual(nodeRed.comms.debugs(theNode(flow, 'debug', 'notify').id).length, 2, 'told once');
    assert.deepEqual(nodeRed.comms.debugs(theNode(flow, 'debug', 'other nodes').id), []);
    assert.match(await nodeRed.text('/cluster'), /31\.5/);
  });

  it('12-cluster-to-database publishes every number with its time, once, confirmed and not retained', async () => {
    const broker = await MqttBroker.start();
    try {
      await nodeRed.deploy(broker.takenBy(exampleFlow('12-cluster-to-database')));
      const topics = ['dht22/dht22/temperature', 'bme680/bme680/pressure', 'pi_monitor/pi_monitor/cpuTemp'];
      await nodeRed.until('a number of each sensor', () =>
        topics.every((topic) => broker.published.some((one) => one.topic === `sensors/pi4/${topic}`)),
      );
      for (const { topic, value, timestamp, qos, retain } of broker.published) {
        assert.match(topic, /^sensors\/pi4\/\w+\/\w+\/[a-z][A-Za-z0-9]+$/);
        assert.ok(Number.isFinite(value) && Math.abs(Date.now() - timestamp) < 60_000, topic);
        assert.deepEqual([qos, retain], [1, false]);
      }
      assert.equal(broker.published.find(({ topic }) => topic.endsWith('/cpuTemp'))?.value, 48);
      assert.deepEqual(broker.doubled(), []);
    } finally {
      await nodeRed.deploy([]);
      await broker.stop();
    }
  });

  it('12-cluster-to-database can be imported where there is no broker', async () => {
    const flow = exampleFlow('12-cluster-to-database').map((node) =>
      node.type === 'mqtt-broker' ? { ...node, port: '1' } : node,
    );
    await nodeRed.deploy(flow);
    await nodeRed.untilStatus(theNode(flow, 'plugin-poll').id, /^green dot (?!ready)/);
    await nodeRed.untilStatus(theNode(flow, 'cluster-watch').id, 'grey ring no cluster (sim)');
  });
});
