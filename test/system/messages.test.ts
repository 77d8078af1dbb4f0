/** Messages as they leave the installed nodes, errors as catch nodes see them, and statuses as the editor shows them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FAULTS } from './faults-flow';
import {
  catchNode,
  debugNode,
  injectNode,
  inlineRuntime,
  onTab,
  pollNode,
  runtimeWithOnly,
  STILL_WORLD,
  TAB,
} from './flow-nodes';
import { NodeRed } from './node-red';

const BROKEN_GUEST = '[plugins.faults.settings]\nfault = "error"\n';
const FAULTS_ONLY = ['dht22', 'bme680', 'pi_monitor'].map((name) => `[plugins.${name}]\nenabled = false\n`).join('');
const ROOM = { temperature: 21.5, humidity: 40 };

let nodeRed: NodeRed;
before(async () => {
  nodeRed = await NodeRed.start(FAULTS);
});
after(() => nodeRed.stop());

/** Deploys a button, a node that polls, and who listens to it. Ids are new for each test: /comms repeats old ones. */
let deployed = 0;
async function deployPoll(plugin: string, { toml = '', ...properties }: Record<string, string> = {}) {
  deployed += 1;
  const [go, poll, out, caught, failed] = ['go', 'poll', 'out', 'caught', 'failed'].map((id) => `${id}${deployed}`);
  assert.ok(go && poll && out && caught && failed);
  await nodeRed.deploy([
    TAB,
    plugin === '*' ? inlineRuntime('runtime', toml) : runtimeWithOnly('runtime', [plugin.replace('-', '_')], toml),
    injectNode(go, [poll]),
    pollNode(poll, plugin, [out], properties),
    debugNode(out),
    catchNode(caught, [failed]),
    debugNode(failed),
  ]);
  return { go, poll, out, failed };
}

function fieldsOf(message: unknown): Readonly<Record<string, unknown>> {
  assert.ok(typeof message === 'object' && message !== null);
  return Object.fromEntries(Object.entries(message));
}

function within(timestamp: unknown, earliest: number): void {
  assert.ok(typeof timestamp === 'number' && timestamp >= earliest && timestamp <= Date.now(), String(timestamp));
}

describe('a message to plugin-poll', () => {
  it('leaves as a message per reading, with what else it carried', async () => {
    const startedAt = Date.now();
    const { go, out } = await deployPoll('dht22');
    await nodeRed.inject(go);
    const { payload, topic, plugin, node, sensorId, timestamp, parts, mine } = fieldsOf(
      (await nodeRed.untilDebugs(out))[0],
    );
    assert.deepEqual(payload, ROOM);
    const subject = { topic, plugin, node, sensorId, mine };
    assert.deepEqual(subject, {
      topic: 'pi4/dht22/dht22',
      plugin: 'dht22',
      node: 'pi4',
      sensorId: 'dht22',
      mine: 'kept',
    });
    within(timestamp, startedAt);
    const { index, count, type } = fieldsOf(parts);
    assert.deepEqual({ index, count, type }, { index: 0, count: 1, type: 'array' });
  });

  it('leaves as a message per number when asked to', async () => {
    const { go, out } = await deployPoll('dht22', { emit: 'values' });
    await nodeRed.inject(go);
    const messages = (await nodeRed.untilDebugs(out, 2)).map(fieldsOf);
    const seen = messages.map(({ topic, payload, mine }) => ({ topic, payload, mine }));
    assert.deepEqual(seen, [
      { topic: 'pi4/dht22/dht22/temperature', payload: 21.5, mine: 'kept' },
      { topic: 'pi4/dht22/dht22/humidity', payload: 40, mine: 'kept' },
    ]);
  });

  it('leaves as one message with all readings when asked to', async () => {
    const startedAt = Date.now();
    const { go, out } = await deployPoll('dht22', { emit: 'batch' });
    await nodeRed.inject(go);
    const { payload, topic } = fieldsOf((await nodeRed.untilDebugs(out))[0]);
    assert.equal(topic, 'pi4/dht22');
    assert.ok(Array.isArray(payload) && payload.length === 1);
    const { timestamp, ...reading } = fieldsOf(payload[0]);
    assert.deepEqual(reading, { plugin: 'dht22', node: 'pi4', sensorId: 'dht22', values: ROOM });
    within(timestamp, startedAt);
  });

  it('that came from http in is answered by http response', async () => {
    const url = { url: '/room', method: 'get', upload: false, swaggerDoc: '' };
    await nodeRed.deploy([
      TAB,
      inlineRuntime('runtime'),
      onTab('in', 'http in', url, ['poll']),
      pollNode('poll', 'dht22', ['leds'], { emit: 'batch' }),
      onTab('leds', 'led-sync', { runtime: 'runtime' }, ['back']),
      onTab('back', 'http response', { statusCode: '', headers: {} }),
    ]);
    const { changed, leds } = await nodeRed.json('/room');
    assert.deepEqual([changed, leds[1]], [true, '#00ff00']);
    assert.equal((await nodeRed.json('/room')).changed, false);
  });

  it('polls a plugin whose name is written with a hyphen', async () => {
    const { go, out } = await deployPoll('pi-monitor');
    await nodeRed.inject(go);
    const { topic, plugin } = fieldsOf((await nodeRed.untilDebugs(out))[0]);
    assert.deepEqual([topic, plugin], ['pi4/pi_monitor/pi_monitor', 'pi_monitor']);
  });
});

describe('plugin-poll by itself', () => {
  for (const every of ['0.2', 'host']) {
    it(`polls again and again with every: ${every}`, async () => {
      const { out } = await deployPoll('dht22', { every });
      for (const message of await nodeRed.untilDebugs(out, 3)) assert.deepEqual(fieldsOf(message)['payload'], ROOM);
    });
  }
});

describe('a catch node', () => {
  it('is given the code of the error, which node it came from, and what the message carried', async () => {
    const { go, poll, out, failed } = await deployPoll('nowhere');
    await nodeRed.inject(go);
    const { error, mine } = fieldsOf((await nodeRed.untilDebugs(failed))[0]);
    const { code, message, source } = fieldsOf(error);
    assert.equal(code, 'PLUGIN_NOT_FOUND');
    assert.match(String(message), /there is no plugin nowhere: put nowhere\.wasm into/);
    assert.equal(fieldsOf(source)['id'], poll);
    assert.equal(mine, 'kept');
    assert.deepEqual(nodeRed.comms.debugs(out), []);
  });

  it('hears nothing of one failed plugin in a cycle: the others are sent, with its code', async () => {
    const toml = `${BROKEN_GUEST}[plugins.faults]\nenabled = true\n`;
    const { go, out, failed } = await deployPoll('*', { emit: 'batch', toml });
    await nodeRed.inject(go);
    const { payload, errors } = fieldsOf((await nodeRed.untilDebugs(out))[0]);
    assert.ok(Array.isArray(payload) && Array.isArray(errors));
    assert.equal(payload.length, 3);
    const [error] = errors;
    assert.deepEqual([errors.length, error.plugin, error.code], [1, 'faults', 'PLUGIN_ERROR']);
    assert.match(error.message, /the sensor is unplugged/);
    assert.deepEqual(nodeRed.comms.debugs(failed), []);
  });

  it('hears of a cycle in which every plugin failed', async () => {
    const toml = `${FAULTS_ONLY}[plugins.faults]\nenabled = true\n${BROKEN_GUEST}`;
    const { go, out, failed } = await deployPoll('*', { toml });
    await nodeRed.inject(go);
    const { error } = fieldsOf((await nodeRed.untilDebugs(failed))[0]);
    assert.equal(fieldsOf(error)['code'], 'PLUGIN_ERROR');
    assert.deepEqual(nodeRed.comms.debugs(out), []);
  });

  it('hears of a plugin that failed, and the next poll works', async () => {
    const { go, poll, out, failed } = await deployPoll('faults', { toml: `${BROKEN_GUEST}` });
    await nodeRed.inject(go);
    const { error } = fieldsOf((await nodeRed.untilDebugs(failed))[0]);
    assert.equal(fieldsOf(error)['code'], 'PLUGIN_ERROR');
    await nodeRed.untilStatus(poll, 'red ring plugin error (sim)');
    await nodeRed.inject(go);
    const { payload } = fieldsOf((await nodeRed.untilDebugs(out))[0]);
    assert.deepEqual(payload, { count: 2 });
  });
});

describe('a status', () => {
  it('goes from loading over polling to the newest value, and says that it is simulated', async () => {
    const { go, poll } = await deployPoll('dht22');
    await nodeRed.untilStatus(poll, 'green dot ready (sim)');
    await nodeRed.inject(go);
    await nodeRed.untilStatus(poll, 'green dot 21.5 °C 40 % (sim)');
    const seen = nodeRed.comms.statuses(poll).map(({ fill, shape, text }) => `${fill} ${shape} ${text}`);
    const order = ['yellow ring loading', 'blue dot polling (sim)', 'green dot 21.5 °C 40 % (sim)'];
    const places = order.map((status) => seen.findIndex((shown) => shown.startsWith(status)));
    assert.ok(
      places.every((place, i) => place >= 0 && place > (places[i - 1] ?? -1)),
      seen.join(', '),
    );
    for (const status of seen) assert.ok(status.split(' ').slice(2).join(' ').length < 20, status);
  });

  it('is grey for a disabled plugin, which sends nothing and raises no error', async () => {
    await nodeRed.deploy([
      TAB,
      inlineRuntime('runtime', '[plugins.dht22]\nenabled = false\n'),
      injectNode('go-off', ['off']),
      pollNode('off', 'dht22', ['sent']),
      debugNode('sent'),
      onTab('completed', 'complete', { scope: ['off'], uncaught: false }, ['ended']),
      debugNode('ended'),
    ]);
    await nodeRed.untilStatus('off', 'grey ring disabled (sim)');
    await nodeRed.inject('go-off');
    await nodeRed.inject('go-off');
    await nodeRed.untilDebugs('ended', 2);
    assert.deepEqual(nodeRed.comms.debugs('sent'), []);
    assert.equal(nodeRed.comms.status('off'), 'grey ring disabled (sim)');
  });

  it('is red for a failure, in words', async () => {
    const { go, poll } = await deployPoll('nowhere');
    await nodeRed.inject(go);
    await nodeRed.untilStatus(poll, 'red ring not found (sim)');
  });

  it('of led-sync and dashboard says what they did', async () => {
    await nodeRed.deploy([
      TAB,
      inlineRuntime('runtime'),
      injectNode('cycle', ['all']),
      pollNode('all', '*', ['strip', 'page'], { emit: 'batch' }),
      onTab('strip', 'led-sync', { runtime: 'runtime' }),
      onTab('page', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '' }, ['html']),
      debugNode('html', 'payload'),
    ]);
    await nodeRed.inject('cycle');
    await nodeRed.untilStatus('strip', 'green dot written (sim)');
    await nodeRed.untilStatus('page', 'green dot rendered (sim)');
    assert.match(String((await nodeRed.untilDebugs('html'))[0]), /^<!doctype html>/);
    await nodeRed.inject('cycle');
    await nodeRed.untilStatus('strip', 'green dot unchanged (sim)');
  });

  it('is in German where Node-RED is', async () => {
    const german = await NodeRed.start({ settings: { lang: 'de' }, texts: { 'wasi/host.toml': STILL_WORLD } });
    try {
      await german.deploy([
        TAB,
        inlineRuntime('runtime', '[plugins.bme680]\nenabled = false\n'),
        pollNode('off', 'bme680', []),
      ]);
      await german.untilStatus('off', 'grey ring abgeschaltet (sim)');
    } finally {
      await german.stop();
    }
  });
});
