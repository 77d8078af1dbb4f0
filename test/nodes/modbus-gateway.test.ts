import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { adu, RawClient } from '../modbus/raw-client';
import { readingOf } from '../readings/reading-of';
import { freePort } from '../system/user-directory';
import { FakeRuntime } from './fake-runtime';
import { Flow, OUT, RUNTIME } from './flow';

let userDir: string;
let flow: Flow;
let admin: Server | undefined;
let clients: RawClient[];
let port: number;

beforeEach(async () => {
  userDir = await mkdtemp(join(tmpdir(), 'wasi-user-'));
  clients = [];
  port = await freePort();
});
afterEach(async () => {
  for (const client of clients) client.close();
  admin?.closeAllConnections();
  admin?.close();
  admin = undefined;
  await flow.stop();
  await rm(userDir, { recursive: true, force: true });
});

function gatewayNode(properties: object = {}): object {
  const wires = [['out']];
  return { id: 'gateway', type: 'modbus-gateway', runtime: 'runtime', transport: 'tcp', port, wires, ...properties };
}

async function start(runtime: FakeRuntime, properties: object = {}): Promise<void> {
  flow = await Flow.start([RUNTIME, gatewayNode(properties), OUT], async () => runtime, { userDir });
}

async function client(): Promise<RawClient> {
  const one = await RawClient.connect(port);
  clients.push(one);
  return one;
}

async function ask(pdu: string, answerLength: number): Promise<string> {
  const one = await client();
  one.send(adu(1, 1, pdu));
  const answer = await one.untilReceived(7 + answerLength);
  one.close();
  return answer.toString('hex', 7);
}

async function get(path: string): Promise<Response> {
  if (admin === undefined) {
    admin = createServer(flow.RED.httpAdmin).listen(0, '127.0.0.1');
    await once(admin, 'listening');
  }
  const address = admin.address();
  assert.ok(typeof address === 'object' && address !== null);
  return fetch(`http://127.0.0.1:${address.port}${path}`);
}

describe('a register map that cannot be read', () => {
  it('is a failure that is told, and is tried again until it can be', async (t) => {
    const registers = join(userDir, 'wasi', 'modbus', 'registers.json');
    await mkdir(registers, { recursive: true });
    // The first wait is the retry's: 10 s.
    const waits: (() => void)[] = [];
    const { setTimeout: real } = globalThis;
    t.mock.method(globalThis, 'setTimeout', (work: () => void, ms?: number, ...more: unknown[]) => {
      if (ms === 10_000) waits.push(work);
      return real(work, ms === 10_000 ? 3_600_000 : ms, ...(more as []));
    });
    await start(new FakeRuntime());
    await flow.untilStatus('gateway', 'red ring errors.MODBUS_FAILED');
    assert.match(flow.logged.join(), /register map .*registers\.json could not be read \(EISDIR\).*It is tried again/);
    flow.send('gateway');
    await flow.untilEnds(1);
    assert.equal(flow.ends[0]?.error?.code, 'MODBUS_FAILED');
    await rm(registers, { recursive: true });
    waits[0]?.();
    await flow.untilStatus('gateway', 'green dot status.ready');
    flow.send('gateway');
    await flow.until(() => flow.messages.length === 1);
  });
});

describe('a message to modbus-gateway', () => {
  it('leaves with the register map', async () => {
    await start(new FakeRuntime());
    flow.send('gateway', { mine: 1 });
    await flow.until(() => flow.messages.length > 0);
    const [message] = flow.messages;
    assert.equal(message?.['mine'], 1);
    assert.ok(Array.isArray(message?.payload));
    const { unitId, address, reference, type, node, plugin, sensor, field, physicalUnit } = message.payload[0];
    assert.deepEqual(
      { unitId, address, reference, type, node, plugin, sensor, field, physicalUnit },
      {
        unitId: 1,
        address: 32,
        reference: '40033',
        type: 'float32',
        node: 'pi4',
        plugin: 'dht22',
        sensor: 'room',
        field: 'temperature',
        physicalUnit: '°C',
      },
    );
  });

  it('fails with MODBUS_FAILED while the port is in use, which is shown and logged once', async () => {
    const other = createTcpServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await start(new FakeRuntime());
    await flow.untilStatus('gateway', 'red ring errors.MODBUS_FAILED');
    assert.equal(flow.logged.filter((line) => /modbus-gateway Modbus TCP cannot listen/.test(line)).length, 1);
    flow.send('gateway');
    await flow.untilEnds(1);
    assert.equal(flow.ends[0]?.error?.code, 'MODBUS_FAILED');
    assert.match(flow.ends[0]?.error?.message ?? '', /choose another port/);
    assert.equal(flow.statuses('gateway').at(-1), 'red ring errors.MODBUS_FAILED');
    other.close();
  });
});

describe('readings', () => {
  it('are served as registers as soon as they come in', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    await flow.untilStatus('gateway', 'green dot status.ready');
    runtime.emit({ kind: 'readings', readings: [readingOf({ values: { temperature: -1, humidity: 99 } })] });
    assert.equal(await ask('0300200002', 6), '0304bf800000');
    assert.equal(await ask('0400230001', 4), '04020001');
    runtime.emit({ kind: 'unknown', readings: [readingOf()] });
    assert.equal(await ask('0300200002', 6), '03047fc00000');
    assert.equal(await ask('0400230001', 4), '04020002');
  });

  it('of a sensor that could not be read any more when the node was deployed have no value', async () => {
    const runtime = new FakeRuntime();
    runtime.latestReadings = () => [readingOf({ timestamp: Date.now() })];
    runtime.unknown = Date.now();
    await start(runtime);
    await flow.untilStatus('gateway', 'green dot status.ready');
    assert.equal(await ask('0300200004', 10), '03087fc0000080000002');
  });

  it('are served low word first where that is chosen, and are stale by the time that is set', async () => {
    await start(new FakeRuntime(), { wordOrder: 'CDAB', staleAfter: '1', unitId: '9' });
    await flow.untilStatus('gateway', 'green dot status.ready');
    // The runtime's newest reading is of 1970.
    const one = await client();
    one.send(adu(1, 9, '0300200004'));
    assert.equal((await one.untilReceived(17)).toString('hex', 9), '00007fc080000002');
  });
});

describe('a client', () => {
  it('is counted in the status', async () => {
    await start(new FakeRuntime());
    await flow.untilStatus('gateway', 'green dot status.ready');
    const one = await client();
    await flow.untilStatus('gateway', 'green dot status.one-client');
    await client();
    await flow.untilStatus('gateway', 'green dot status.clients');
    one.close();
    await flow.untilStatus('gateway', 'green dot status.one-client');
  });

  it('that writes where it may sends a message', async () => {
    await start(new FakeRuntime(), {
      writable: [
        { address: 3, kind: 'coil', topic: 'relay' },
        { address: '100', kind: 'register', topic: 'setpoint' },
      ],
    });
    await flow.untilStatus('gateway', 'green dot status.ready');
    assert.equal(await ask('050003ff00', 5), '050003ff00');
    assert.equal(await ask('06006404d2', 5), '06006404d2');
    assert.equal(await ask('0600200000', 2), '8602');
    await flow.until(() => flow.messages.length >= 2);
    const written = flow.messages.map(({ topic, payload, unitId, address }: Record<string, unknown>) => ({
      topic,
      payload,
      unitId,
      address,
    }));
    assert.deepEqual(written, [
      { topic: 'relay', payload: true, unitId: 1, address: 3 },
      { topic: 'setpoint', payload: 1_234, unitId: 1, address: 100 },
    ]);
  });

  it('is served by the one node of a cluster that leads, which says with which right', async () => {
    const runtime = new FakeRuntime();
    runtime.cluster.place = { kind: 'follower' };
    await start(runtime, { writable: [{ address: 3, kind: 'coil', topic: 'relay' }] });
    await flow.untilStatus('gateway', 'green dot status.ready');
    assert.equal(await ask('050003ff00', 2), '8506');
    runtime.cluster.place = { kind: 'leader', token: 17 };
    assert.equal(await ask('050003ff00', 5), '050003ff00');
    await flow.until(() => flow.messages.length > 0);
    assert.deepEqual([flow.messages[0]?.['token'], flow.messages[0]?.['topic']], [17, 'relay']);
  });

  it('reads in the header how the cluster is', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    await flow.untilStatus('gateway', 'green dot status.ready');
    assert.equal(await ask('0300100004', 10), '03080000000000000000');
    const of = (node: string, healthy: boolean) => ({ node, role: 'voter' as const, healthy, lastSeen: 0 });
    const members = [of('pi4', true), of('pi5', false)];
    runtime.emit({ kind: 'cluster', state: { connected: true, leader: 'pi4', isLeader: true, members } });
    assert.equal(await ask('0300100004', 10), '03080002000100020001');
    runtime.emit({ kind: 'cluster', state: { connected: true, leader: '', isLeader: false, members } });
    assert.equal(await ask('0300100004', 10), '03080001000000020001');
  });
});

describe('what is counted for /metrics', () => {
  const asked = (runtime: FakeRuntime) => [...runtime.gateways].map((totals) => totals());

  it('is requests, exceptions by code and clients, over a server that had to be opened again', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    await flow.untilStatus('gateway', 'green dot status.ready');
    const address = `127.0.0.1:${port}`;
    const before = { transport: 'tcp', address, isServing: true, clients: 0, requests: 0, exceptionsByCode: {} };
    assert.deepEqual(asked(runtime), [before]);
    const one = await client();
    // A read that succeeds, a register that is not there, a unit that is not there, a function that is none.
    for (const [unit, pdu, length] of [
      [1, '0300200002', 6],
      [1, '03ff000001', 2],
      [1, '03ff000001', 2],
      [9, '0300200002', 2],
      [1, '2b0e0100', 2],
    ] as const) {
      one.send(adu(1, unit, pdu));
      await one.untilReceived(7 + length);
    }
    const after = { ...before, clients: 1, requests: 5, exceptionsByCode: { 1: 1, 2: 2, 11: 1 } };
    assert.deepEqual(asked(runtime), [after]);
    await flow.stop();
    assert.deepEqual(asked(runtime), []);
    await start(runtime);
  });

  it('says of a gateway that cannot listen that it does not serve', async () => {
    const other = createTcpServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const runtime = new FakeRuntime();
    await start(runtime);
    await flow.untilStatus('gateway', 'red ring errors.MODBUS_FAILED');
    assert.deepEqual(
      asked(runtime).map(({ isServing, clients }) => ({ isServing, clients })),
      [{ isServing: false, clients: 0 }],
    );
    other.close();
  });

  it('names the serial port of a line', async () => {
    const runtime = new FakeRuntime();
    await start(runtime, { transport: 'rtu', serialPort: '/dev/ttyNone' });
    await flow.untilStatus('gateway', 'grey ring errors.HARDWARE_MISSING');
    assert.deepEqual(
      asked(runtime).map(({ transport, address, isServing }) => ({ transport, address, isServing })),
      [{ transport: 'rtu', address: '/dev/ttyNone', isServing: false }],
    );
  });
});

describe('a modbus-gateway node', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ transport: 'udp' }, /"transport" must be one of "tcp", "rtu"/],
    [{ port: 70_000 }, /"port" must be a whole number from 0 to 65535/],
    [{ port: ' ' }, /"port" must be a whole number from 0 to 65535, not " "/],
    [{ port: '0x5de' }, /"port"/],
    [{ unitId: 248 }, /"unitId" must be a whole number from 1 to 247/],
    [{ wordOrder: 'DCBA' }, /"wordOrder"/],
    [{ transport: 'rtu', parity: 'mark' }, /"parity"/],
    [{ transport: 'rtu', baudRate: 'fast' }, /"baudRate"/],
    [{ writable: 'all' }, /"writable" must be a list/],
    [{ writable: [{ address: -1, kind: 'coil' }] }, /"writable\[0\]\.address"/],
    [{ writable: [{ address: 1, kind: 'input' }] }, /"writable\[0\]\.kind"/],
    [{ writable: [{ address: 5, kind: 'register', topic: '' }] }, /register 5 is one of the header's/],
  ];
  for (const [properties, message] of wrong) {
    it(`with ${JSON.stringify(properties)} says what is wrong`, async () => {
      await start(new FakeRuntime(), properties);
      await flow.untilStatus('gateway', 'red ring errors.CONFIG_INVALID');
      flow.send('gateway');
      await flow.untilEnds(1);
      assert.equal(flow.ends[0]?.error?.code, 'CONFIG_INVALID');
      assert.match(flow.ends[0]?.error?.message ?? '', message);
    });
  }

  it('over RTU without a RevPi’s port shows missing hardware', async () => {
    await start(new FakeRuntime(), { transport: 'rtu', serialPort: '/dev/ttyNone' });
    await flow.untilStatus('gateway', 'grey ring errors.HARDWARE_MISSING');
  });

  it('frees its port when it is closed', async () => {
    await start(new FakeRuntime());
    await flow.untilStatus('gateway', 'green dot status.ready');
    const one = await client();
    await flow.stop();
    await one.closed;
    const again = createTcpServer().listen(port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
    await start(new FakeRuntime());
  });
});

describe('the register map in the editor', () => {
  it('is what the node would send, and a CSV to download', async () => {
    await start(new FakeRuntime());
    await flow.untilStatus('gateway', 'green dot status.ready');
    const map = await (await get('/edge-wasi/modbus/gateway/registers')).json();
    assert.deepEqual(
      map.map(({ reference, field }: Record<string, unknown>) => [reference, field]),
      [
        ['40033', 'temperature'],
        ['40041', 'humidity'],
      ],
    );
    const csv = await get('/edge-wasi/modbus/gateway/registers.csv');
    assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
    assert.match(csv.headers.get('content-disposition') ?? '', /filename="modbus-registers.csv"/);
    assert.match(await csv.text(), /\r\n1,32,40033,30033,float32,pi4,dht22,room,temperature,value,°C,\r\n/);
  });

  it('of a node that is none, or not deployed, is not found', async () => {
    await start(new FakeRuntime());
    for (const path of ['runtime/registers', 'nowhere/registers', 'nowhere/registers.csv'])
      assert.equal((await get(`/edge-wasi/modbus/${path}`)).status, 404, path);
  });
});
