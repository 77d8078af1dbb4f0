/** Each flow in examples/flows/, deployed as it is shipped: what it says it does is what it does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Aedes, { type PublishPacket } from 'aedes';
import type { MapEntry } from '../../src/modbus/register-map';
import { adu, RawClient } from '../modbus/raw-client';
import { bundledPlugin, REPOSITORY } from '../wasm/components';
import { exampleFlow, exampleNames, HOST_TOML, STILL_WORLD, theNode } from './flow-nodes';
import { NodeRed } from './node-red';
import { freePort } from './user-directory';

const HOT_ROOM = STILL_WORLD.replace('dht22_temperature = 21.5', 'dht22_temperature = 31.5');
const DISPLAY = `${STILL_WORLD}[limits]
load_deadline_ms = 300000
${tomlIn(readFileSync(join(REPOSITORY, 'plugins', 'ssd1306', 'README.md'), 'utf8'))}`;
const ROOM = { temperature: 21.5, humidity: 40 };
const GREEN = '#00ff00';
const DARK = '#000000';
const LED_COUNT = 11;

let nodeRed: NodeRed;
before(async () => {
  nodeRed = await NodeRed.start({
    texts: { [HOST_TOML]: STILL_WORLD, 'wasi/hot.toml': HOT_ROOM, 'wasi/display.toml': DISPLAY },
  });
});
after(() => nodeRed.stop());

describe('the example', () => {
  it('01-poll-cycle polls three sensors in turn, shows the LEDs they changed once, and serves the page', async () => {
    const flow = exampleFlow('01-poll-cycle');
    await nodeRed.deploy(flow);
    const debug = async (name: string) => (await nodeRed.untilDebugs(theNode(flow, 'debug', name).id))[0];
    assert.deepEqual(await debug('room'), ROOM);
    assertAir(await debug('air'));
    assertMachine(await debug('machine'));
    await nodeRed.untilDebugs(theNode(flow, 'debug', 'LEDs').id);
    await nodeRed.inject(theNode(flow, 'inject').id);
    const [first, second] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'LEDs').id, 2);
    const leds = ledsOf(first);
    assert.equal(leds.length, LED_COUNT);
    assert.deepEqual([leds[0], leds[1]], [GREEN, GREEN]);
    assert.notEqual(leds[2], DARK);
    assert.deepEqual(new Set(leds.slice(3)), new Set([DARK]));
    assert.deepEqual(second, { changed: false, leds });
    const page = await nodeRed.text('/wasi');
    for (const shown of ['dht22', 'bme680', '21.5']) assert.ok(page.includes(shown), `the page does not show ${shown}`);
  });

  it('02-whole-cycle sends the readings of all sensors as one list, in the order of host.toml', async () => {
    const flow = exampleFlow('02-whole-cycle');
    await nodeRed.deploy(flow);
    const [message] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'readings and errors').id);
    const { payload, topic, errors } = asMessage(message);
    assert.equal(topic, 'pi4/*');
    assert.deepEqual(errors, []);
    assert.ok(Array.isArray(payload));
    const plugins = payload.map(({ plugin }) => plugin);
    assert.deepEqual(plugins, ['dht22', 'bme680', 'pi_monitor']);
    assert.deepEqual(payload[0].values, ROOM);
    assertAir(payload[1].values);
    assertMachine(payload[2].values);
    assert.equal(ledsOf((await nodeRed.untilDebugs(theNode(flow, 'debug', 'LEDs').id))[0])[1], GREEN);
  });

  it('03-page-by-http-in answers /sensors with the page, under the headers that keep it from the editor', async () => {
    await nodeRed.deploy(exampleFlow('03-page-by-http-in'));
    const page = await nodeRed.until('the page shows a reading', async () => {
      const response = await nodeRed.request('/sensors');
      const text = await response.text();
      return response.status === 200 && text.includes('21.5') ? { text, headers: response.headers } : undefined;
    });
    assert.match(page.text, /^<!doctype html>/);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(page.headers.get('content-security-policy') ?? '', /^sandbox allow-scripts;/);
    assert.equal((await nodeRed.request('/wasi')).status, 404, 'the node itself serves nothing');
  });

  it('03-page-by-http-in says why there is no page where there is none', async () => {
    const flow = exampleFlow('03-page-by-http-in').map((node) =>
      node.type === 'dashboard' ? { ...node, plugin: 'nowhere' } : node,
    );
    await nodeRed.deploy(flow);
    const response = await nodeRed.request('/sensors');
    assert.equal(response.status, 503);
    assert.match(await response.text(), /there is no plugin nowhere: put nowhere\.wasm into/);
  });

  it('04-alarm tells once that the room is hot, and once that it no longer is', async () => {
    const flow = exampleFlow('04-alarm');
    const notify = theNode(flow, 'debug', 'notify').id;
    const heated = flow.map((node) => {
      if (node.type === 'wasi-runtime') return { ...node, configFile: 'wasi/hot.toml' };
      return node.type === 'plugin-poll' ? { ...node, every: '0.5' } : node;
    });
    const poll = theNode(flow, 'plugin-poll').id;
    await nodeRed.deploy(heated);
    assert.deepEqual(await nodeRed.untilDebugs(notify), ['too hot']);
    await nodeRed.until('three more polls', () => pollsShown(poll) > 3);
    assert.deepEqual(nodeRed.comms.debugs(notify), ['too hot']);
    // Only what differs is restarted: the filter remembers.
    const cooled = heated.map((node) => (node.type === 'wasi-runtime' ? { ...node, configFile: '' } : node));
    await nodeRed.deploy(cooled, 'nodes');
    assert.deepEqual(await nodeRed.untilDebugs(notify, 2), ['too hot', 'back to normal']);
  });

  it('05-mqtt-out publishes every number under node/plugin/sensor/field, for later subscribers too', async () => {
    const broker = new Aedes();
    const server = createServer(broker.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const published = new Map<string, PublishPacket>();
    broker.on('publish', (packet, client) => {
      if (client !== null) published.set(packet.topic, packet);
    });
    try {
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      const flow = exampleFlow('05-mqtt-out').map((node) => {
        return node.type === 'mqtt-broker' ? { ...node, broker: '127.0.0.1', port: String(address.port) } : node;
      });
      await nodeRed.deploy(flow);
      const topics = ['dht22/dht22/temperature', 'bme680/bme680/pressure', 'pi_monitor/pi_monitor/cpuTemp'];
      const [temperature, pressure, cpu] = await nodeRed.until('a number of each sensor', () => {
        const found = topics.flatMap((topic) => published.get(`pi4/${topic}`) ?? []);
        return found.length === topics.length && found;
      });
      assert.ok(temperature && pressure && cpu);
      assert.equal(String(temperature.payload), '21.5');
      assert.equal(String(cpu.payload), '48');
      assert.ok(Math.abs(Number(String(pressure.payload)) - 1013.25) < 1);
      assert.deepEqual([temperature.retain, temperature.qos], [true, 1]);
      for (const [topic, { payload }] of published) {
        assert.match(topic, /^pi4\/\w+\/\w+\/[a-z][A-Za-z0-9]+$/);
        assert.ok(Number.isFinite(Number(String(payload))), `${topic} is ${payload}`);
      }
    } finally {
      await nodeRed.deploy([]);
      await new Promise<void>((resolve) => broker.close(resolve));
      server.close();
    }
  });

  it('06-headless-hub polls nothing and serves the page at /hub', async () => {
    const flow = exampleFlow('06-headless-hub');
    await nodeRed.deploy(flow);
    await nodeRed.untilStatus(theNode(flow, 'dashboard').id, 'green dot ready (sim)');
    assert.match(await nodeRed.text('/hub'), /No readings yet/);
    assert.deepEqual(await nodeRed.json('/hub/api/readings'), []);
    const { status, plugins } = await nodeRed.json('/hub/api/health');
    assert.equal(status, 'ok');
    const states = plugins.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`).sort();
    assert.deepEqual(states, ['bme680 disabled', 'dashboard ready', 'dht22 disabled', 'pi_monitor disabled']);
  });

  it('08-revpi-io imports without RevPi’s own nodes, gives the temperature as a scalar, and tells of a plugin that is absent', async () => {
    const flow = exampleFlow('08-revpi-io').map((node) => (node['every'] === '10' ? { ...node, every: '0.5' } : node));
    assert.deepEqual(
      flow.filter(({ type }) => type.startsWith('revpi')),
      [],
    );
    await nodeRed.deploy(flow);
    const [alarm] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'alarm (revpi-output)').id);
    assert.equal(alarm, 0);
    await nodeRed.inject(theNode(flow, 'inject').id);
    const [failed] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'failed').id);
    assert.match(String(failed), /there is no plugin revpi_io: put revpi_io\.wasm into the plugin folder/);
    assert.match(await nodeRed.text('/hub'), /pi_monitor/);
  });

  it('08-revpi-io tells, with the plugin in its folder, that simulated hardware has no process image', async () => {
    await copyFile(bundledPlugin('revpi_io'), join(nodeRed.userDir, 'wasi', 'plugins', 'revpi_io.wasm'));
    const flow = exampleFlow('08-revpi-io');
    await nodeRed.deploy(flow);
    await nodeRed.untilStatus(theNode(flow, 'plugin-poll', 'tank').id, 'green dot ready (sim)');
    await nodeRed.inject(theNode(flow, 'inject').id);
    // The first one is from before the plugin was there.
    const [, failed] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'failed').id, 2);
    assert.match(
      String(failed),
      /^WasiError: revpi_io: .*simulated hardware has no process image; it is there on a RevPi only/,
    );
  });

  it('13-display tells that the plugin is absent', async () => {
    const flow = exampleFlow('13-display');
    await nodeRed.deploy(flow);
    await nodeRed.inject(theNode(flow, 'inject', 'show now').id);
    const [failed] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'failed').id);
    assert.match(String(failed), /there is no plugin ssd1306: put ssd1306\.wasm into /);
  });

  it('13-display shows the readings, with the plugin in its folder and the lines of its README in host.toml', async () => {
    await copyFile(bundledPlugin('ssd1306'), join(nodeRed.userDir, 'wasi', 'plugins', 'ssd1306.wasm'));
    const flow = exampleFlow('13-display').map((node) =>
      node.type === 'wasi-runtime' ? { ...node, configFile: 'wasi/display.toml' } : node,
    );
    await nodeRed.deploy(flow);
    // Cycles that come while the plugin is loaded and prepared wait for it, or find that one waits already.
    await nodeRed.untilStatus(theNode(flow, 'plugin-poll', 'sensors, then displays').id, 'green dot 4 of 4 ok (sim)');
    await nodeRed.inject(theNode(flow, 'inject', 'show now').id);
    const [picture] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'display').id);
    assert.ok(Array.isArray(picture));
    assert.deepEqual([picture.length, picture[0].length, picture.join('').trim() === ''], [32, 128, false]);
    await nodeRed.untilStatus(theNode(flow, 'plugin-poll', '').id, 'green dot shown (sim)');
  });

  it('07-modbus serves every sensor to a Modbus client, sends its map, and what the client writes', async () => {
    const port = await freePort();
    const flow = exampleFlow('07-modbus').map((node) => (node.type === 'modbus-gateway' ? { ...node, port } : node));
    await nodeRed.deploy(flow);
    const gateway = theNode(flow, 'modbus-gateway').id;
    await nodeRed.untilStatus(gateway, 'green dot ready (sim)');
    const map = await nodeRed.until('the map has every sensor', async () => {
      const entries: readonly MapEntry[] = await nodeRed.json(`/edge-wasi/modbus/${gateway}/registers`);
      return new Set(entries.map(({ plugin }) => plugin)).size === 3 && entries;
    });
    await nodeRed.inject(theNode(flow, 'inject', 'send the map').id);
    const [sent] = await nodeRed.untilDebugs(theNode(flow, 'debug', 'map').id);
    assert.deepEqual(sent, map);
    const client = await RawClient.connect(port);
    try {
      for (const [field, expected] of [
        ['temperature', 21.5],
        ['humidity', 40],
        ['cpuTemp', 48],
      ] as const) {
        const entry = map.find((candidate) => candidate.field === field && candidate.plugin !== 'bme680');
        assert.ok(entry !== undefined, field);
        client.send(adu(1, entry.unitId, `03${entry.address.toString(16).padStart(4, '0')}0002`));
        assert.equal((await client.untilReceived(13)).readFloatBE(9), expected, field);
      }
      client.send(adu(2, 1, '050000ff00'));
      await client.untilReceived(12);
      assert.deepEqual(await nodeRed.untilDebugs(theNode(flow, 'debug', 'relay').id), ['true']);
      await nodeRed.untilStatus(gateway, 'green dot 1 client (sim)');
    } finally {
      client.close();
    }
  });

  it('with the usual settings has the same runtime as the others, so that importing several makes one', () => {
    const runtimes = exampleNames().map((name) => theNode(exampleFlow(name), 'wasi-runtime'));
    const usual = runtimes.filter(({ configSource }) => configSource === 'file');
    assert.equal(usual.length, 10);
    for (const runtime of usual) assert.deepEqual(runtime, usual[0]);
    const others = runtimes.filter(({ configSource }) => configSource !== 'file');
    assert.equal(new Set(others.map(({ id }) => id)).size, others.length);
  });

  it('is one of those tested here, in mqtt, heat-the-room or cluster-examples', () => {
    const tested = ['01-poll-cycle', '02-whole-cycle', '03-page-by-http-in', '04-alarm', '05-mqtt-out'];
    const elsewhere = ['09-mqtt-home-assistant', '10-heat-the-room', '11-cluster', '12-cluster-to-database'];
    assert.deepEqual(exampleNames().sort(), [
      ...tested,
      '06-headless-hub',
      '07-modbus',
      '08-revpi-io',
      ...elsewhere,
      '13-display',
    ]);
  });
});

/** The lines for host.toml in a document. */
function tomlIn(markdown: string): string {
  return /```toml\n([^`]*)```/.exec(markdown)?.[1] ?? '';
}

/** A node shows that it polls, and then the value: a status for each poll and one for its end. */
function pollsShown(node: string): number {
  return nodeRed.comms.statuses(node).filter(({ text }) => text?.startsWith('polling')).length;
}

function asMessage(value: unknown): { payload?: unknown; topic?: unknown; errors?: unknown } {
  assert.ok(typeof value === 'object' && value !== null);
  return value;
}

function ledsOf(payload: unknown): readonly string[] {
  assert.ok(typeof payload === 'object' && payload !== null && 'changed' in payload && 'leds' in payload);
  assert.equal(payload.changed, true);
  assert.ok(Array.isArray(payload.leds));
  for (const led of payload.leds) assert.match(led, /^#[0-9a-f]{6}$/);
  return payload.leds;
}

function numbersOf(values: unknown): ReadonlyMap<string, number> {
  assert.ok(typeof values === 'object' && values !== null);
  const entries = Object.entries(values);
  for (const [field, value] of entries) assert.equal(typeof value, 'number', field);
  return new Map(entries);
}

function assertNear(values: ReadonlyMap<string, number>, field: string, expected: number, tolerance: number): void {
  const value = values.get(field) ?? Number.NaN;
  assert.ok(Math.abs(value - expected) <= tolerance, `${field} is ${value}, not ${expected} ± ${tolerance}`);
}

function assertAir(payload: unknown): void {
  const values = numbersOf(payload);
  const fields = ['gasResistance', 'humidity', 'iaqAccuracy', 'iaqScore', 'pressure', 'temperature'];
  assert.deepEqual([...values.keys()].sort(), fields);
  assertNear(values, 'temperature', 23, 0.1);
  assertNear(values, 'humidity', 42, 0.5);
  assertNear(values, 'pressure', 1013.25, 1);
  assertNear(values, 'gasResistance', 120, 2);
}

function assertMachine(payload: unknown): void {
  const values = numbersOf(payload);
  const fields = ['cpuTemp', 'cpuUsage', 'fanOn', 'memoryTotalMb', 'memoryUsedMb', 'uptimeSeconds'];
  assert.deepEqual([...values.keys()].sort(), fields);
  assertNear(values, 'cpuTemp', 48, 0);
  assertNear(values, 'fanOn', 0, 0);
}
