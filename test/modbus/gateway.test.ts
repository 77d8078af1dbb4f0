/** A gateway's own life: its map over restarts, ports that are taken, lines that are lost. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { openSerialLine, REVPI_PORTS } from '../../src/modbus/serial-line';
import { readingOf } from '../readings/reading-of';
import { until } from '../support/until';
import { REPOSITORY } from '../wasm/components';
import { ask, MISSING, SerialPair } from './mbpoll';
import { adu, RawClient } from './raw-client';
import { Served } from './served';

const LISTENER = { onBytes: () => undefined, onLost: () => undefined };

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

async function open(...args: Parameters<typeof Served.open>): Promise<Served> {
  served = await Served.open(...args);
  return served;
}

/** The hex of so many registers. */
async function read(gateway: Served, address: number, quantity: number): Promise<string> {
  const client = await RawClient.connect(gateway.line.port);
  const range = Buffer.alloc(4);
  range.writeUInt16BE(address, 0);
  range.writeUInt16BE(quantity, 2);
  client.send(adu(1, 255, `03${range.toString('hex')}`));
  const head = await client.untilReceived(9);
  const rest = head[7] === 3 ? await client.untilReceived(quantity * 2) : head.subarray(8);
  client.close();
  return rest.toString('hex');
}

describe('a new sensor', () => {
  it('is served once its place is kept, and is where it was after a restart that hears of others first', async () => {
    const gateway = await open();
    assert.equal(await read(gateway, 48, 1), '02');
    const attic = readingOf({ sensorId: 'attic', values: { temperature: 7 }, timestamp: Date.now() });
    gateway.latest = [...gateway.latest, attic];
    gateway.gateway.update([attic]);
    await until(async () => (await read(gateway, 48, 1)) !== '02');
    assert.equal(await read(gateway, 48, 2), '40e00000');
    const before = gateway.gateway.map();
    await gateway.gateway.close();
    gateway.latest = [readingOf({ sensorId: 'cellar', values: { temperature: 1 }, timestamp: Date.now() }), attic];
    await gateway.open();
    assert.deepEqual(gateway.gateway.map().slice(0, before.length), before);
    assert.equal(await read(gateway, 48, 2), '40e00000');
    assert.equal(await read(gateway, 32, 4), '7fc0000080000000', 'the room was not read since');
    assert.equal(await read(gateway, 56, 2), '3f800000');
  });

  it('leaves what was read a moment ago as it is, whatever its guest says the time is', async () => {
    const gateway = await open();
    const room = readingOf({ timestamp: Date.now() / 1_000, values: { temperature: 21.5, humidity: 40 } });
    gateway.latest = [room];
    gateway.gateway.update([room]);
    assert.equal(await read(gateway, 32, 2), '41ac0000');
    const attic = readingOf({ sensorId: 'attic', values: { temperature: 7 }, timestamp: Date.now() });
    gateway.latest = [room, attic];
    gateway.gateway.update([attic]);
    await until(async () => (await read(gateway, 48, 1)) !== '02');
    assert.equal(await read(gateway, 32, 2), '41ac0000');
  });

  it('that has no place is warned of once', async () => {
    const gateway = await open();
    const invented = Array.from({ length: 600 }, (_, index) => readingOf({ plugin: 'liar', sensorId: `${index}` }));
    gateway.gateway.update(invented);
    gateway.gateway.update(invented);
    assert.equal(gateway.warnings.length, 1);
    assert.match(gateway.warnings[0] ?? '', /map is full for pi4\/liar\/256\/temperature.*688 values are not served/);
  });
});

describe('a sensor that could not be read any more', () => {
  it('before the gateway was opened has no value there, however new its last one is', async () => {
    const gateway = await open();
    await gateway.gateway.close();
    gateway.unknown = gateway.latest;
    await gateway.open();
    assert.equal(await read(gateway, 32, 4), '7fc0000080000002');
    const [room] = gateway.latest;
    assert.ok(room);
    gateway.gateway.update([room]);
    assert.equal(await read(gateway, 32, 2), '41ac0000', 'it was read again');
  });

  it('while its place was written to the disk has no value once it is served', async () => {
    const gateway = await open();
    const attic = readingOf({ sensorId: 'attic', values: { temperature: 7 }, timestamp: Date.now() });
    gateway.latest = [...gateway.latest, attic];
    gateway.gateway.update([attic]);
    gateway.unknown = [attic];
    gateway.gateway.expire([attic]);
    await until(async () => (await read(gateway, 48, 1)) !== '02');
    assert.equal(await read(gateway, 48, 4), '7fc0000080000002');
    assert.equal(await read(gateway, 32, 2), '41ac0000', 'another sensor is as it was');
  });
});

describe('two gateways of one Node-RED', () => {
  it('both serve a sensor that came after they were opened, whichever hears of it first', async () => {
    const first = await open();
    const second = await first.beside();
    const attic = readingOf({ sensorId: 'attic', values: { temperature: 7 }, timestamp: Date.now() });
    for (const each of [first, second]) each.latest = [...each.latest, attic];
    for (const each of [first, second]) each.gateway.update([attic]);
    await until(async () => (await read(first, 48, 1)) !== '02');
    assert.equal(await read(second, 48, 2), '40e00000');
    await second.gateway.close();
  });

  it('leave a register to the clients that may write it, whichever hears of a sensor first', async () => {
    const first = await open();
    const second = await first.beside({ writable: [{ address: 50, kind: 'register', topic: 'setpoint' }] });
    const attic = readingOf({ sensorId: 'attic', values: { temperature: 7 }, timestamp: Date.now() });
    for (const each of [first, second]) each.latest = [...each.latest, attic];
    for (const each of [first, second]) each.gateway.update([attic]);
    await until(() => first.gateway.map().length === 3);
    assert.deepEqual(
      first.gateway.map().map(({ sensor, address }) => [sensor, address]),
      [
        ['room', 32],
        ['room', 40],
        ['attic', 56],
      ],
    );
    assert.equal(await read(second, 50, 1), '0000');
    await second.gateway.close();
  });
});

describe('a port that is in use', () => {
  it('is a failure with the next step, and is taken when it becomes free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const gateway = await open({ transport: { kind: 'tcp', host: '127.0.0.1', port: address.port } });
    const { state } = gateway.gateway;
    assert.ok(state.kind === 'failed');
    assert.equal(state.error.code, 'MODBUS_FAILED');
    other.close();
    await gateway.untilState(({ kind }) => kind === 'serving');
    assert.equal(await read(gateway, 32, 2), '41ac0000');
  });

  it('is not waited for by a gateway that closes', async () => {
    const first = await open();
    const second = await Served.open({ transport: { kind: 'tcp', host: '127.0.0.1', port: first.line.port } });
    await second.close();
    assert.equal(second.states.at(-1)?.kind, 'closed');
  });
});

describe('a serial line', { skip: MISSING }, () => {
  it('that is lost is a failure, and is taken again when it is back', async () => {
    const pair = await SerialPair.open();
    const gateway = await open({ transport: { kind: 'rtu', path: pair.ours, baudRate: 9_600, parity: 'none' } });
    assert.equal(gateway.gateway.state.kind, 'serving');
    await pair.unplug();
    const lost = await gateway.untilState(({ kind }) => kind === 'failed');
    assert.ok(lost.kind === 'failed' && ['MODBUS_FAILED', 'HARDWARE_MISSING'].includes(lost.error.code));
    await pair.plug();
    await gateway.untilState(({ kind }) => kind === 'serving');
    assert.deepEqual(await ask({ path: pair.theirs }, { table: 'holding float', address: 32 }), [21.5]);
    await gateway.gateway.close();
    await pair.close();
  });
});

describe('a serial port', () => {
  it('that is not there is missing hardware, named', async () => {
    const settings = { path: '/dev/ttyNone', baudRate: 9_600, parity: 'even' } as const;
    await assert.rejects(openSerialLine(settings, LISTENER), {
      code: 'HARDWARE_MISSING',
      message: /there is no \/dev\/ttyNone/,
    });
  });

  it('left empty is the RevPi’s, and where there is none the message says which were looked for', async () => {
    const settings = { path: '', baudRate: 9_600, parity: 'even' } as const;
    const message = new RegExp(REVPI_PORTS.join('.*'));
    await assert.rejects(openSerialLine(settings, LISTENER), { code: 'HARDWARE_MISSING', message });
  });

  it('without the optional package serialport is missing hardware, with what to install', async () => {
    // The same files where no node_modules is above them.
    const dir = await mkdtemp(join(tmpdir(), 'wasi-without-'));
    try {
      await cp(join(REPOSITORY, 'dist', 'src'), join(dir, 'src'), { recursive: true });
      const script = join(dir, 'try.js');
      await writeFile(
        script,
        `require('./src/modbus/serial-line').openSerialLine({ path: '/dev/null', baudRate: 9600, parity: 'even' }, {})
          .catch((error) => console.log(error.code, error.message));`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, [script]);
      assert.match(stdout, /^HARDWARE_MISSING Modbus RTU needs the package serialport.*npm install serialport@12/);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
