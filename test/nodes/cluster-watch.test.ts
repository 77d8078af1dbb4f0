import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from '../readings/reading-of';
import { FakeRuntime } from './fake-runtime';
import { settled } from './flow';
import { LED, Watched } from './watched-cluster';

let watched: Watched;
afterEach(() => watched.flow.stop());

/** Of another node, numbered by their time. */
function numbered(count: number, node = 'zero'): Reading[] {
  return Array.from({ length: count }, (_, timestamp) => readingOf({ node, timestamp }));
}

describe('the first output of cluster-watch', () => {
  it('has the readings of other nodes as plugin-poll has its own, and none of this node', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime);
    runtime.emit({ kind: 'readings', readings: [readingOf()] });
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'zero' })] });
    await watched.flow.until(() => watched.flow.messages.length > 0);
    await settled();
    assert.equal(watched.flow.messages.length, 1);
    const { payload, topic, plugin, node, sensorId, timestamp } = watched.flow.messages[0] ?? {};
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
    watched = await Watched.start(runtime, { emit: 'values' });
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'zero' })] });
    await watched.flow.until(() => watched.flow.messages.length === 2);
    assert.deepEqual(
      watched.flow.messages.map(({ topic, payload }) => [topic, payload]),
      [
        ['zero/dht22/room/temperature', 21.5],
        ['zero/dht22/room/humidity', 40],
      ],
    );
    for (const message of watched.flow.messages)
      assert.ok('discovery' in message && message['discovery'] !== undefined);
  });

  it('has a list a node, where that is wanted', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime, { emit: 'batch' });
    runtime.emit({ kind: 'readings', readings: [...numbered(3), ...numbered(2, 'revpi')] });
    await watched.flow.until(() => watched.flow.messages.length === 2);
    assert.deepEqual(
      watched.flow.messages.map(({ topic, payload }) => [topic, Array.isArray(payload) && payload.length]),
      [
        ['zero/*', 3],
        ['revpi/*', 2],
      ],
    );
  });

  it('goes by the name that this node has now', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime);
    runtime.config = { ...runtime.config, cluster: { ...runtime.config.cluster, nodeId: 'zero' } };
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'zero' })] });
    runtime.emit({ kind: 'readings', readings: [readingOf({ node: 'pi4' })] });
    await watched.flow.until(() => watched.flow.messages.length > 0);
    await settled();
    assert.deepEqual(
      watched.flow.messages.map(({ node }) => node),
      ['pi4'],
    );
  });

  it('hands on what comes at once after an outage in order, whole, and a few at a time', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime, { emit: 'values' });
    const all = numbered(3_000);
    for (let from = 0; from < all.length; from += 500)
      runtime.emit({ kind: 'readings', readings: all.slice(from, from + 500) });
    let most = 0;
    for (let seen = 0; seen < 6_000; ) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, watched.flow.messages.length - seen);
      seen = watched.flow.messages.length;
    }
    assert.ok(most <= 40, `${most} messages in one turn of the loop`);
    await settled();
    const times = watched.flow.messages.map(({ timestamp }) => timestamp);
    assert.deepEqual(
      times,
      all.flatMap(({ timestamp }) => [timestamp, timestamp]),
    );
  });

  it('sends nothing any more once the node was closed', async () => {
    const runtime = new FakeRuntime();
    watched = await Watched.start(runtime);
    runtime.emit({ kind: 'readings', readings: numbered(1_000) });
    await watched.flow.until(() => watched.flow.messages.length > 0);
    await watched.flow.node('watch').close(true);
    await settled();
    const { length } = watched.flow.messages;
    runtime.emit({ kind: 'readings', readings: numbered(10) });
    await watched.enter(LED);
    assert.equal(watched.flow.messages.length, length);
    assert.ok(length < 1_000);
  });
});
