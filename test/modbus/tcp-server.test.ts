/** Clients that are not what a server hopes for. Time is the test's where it matters. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FRAME_LIMIT_MS, SILENT_LIMIT_MS, UNREAD_LIMIT_MS } from '../../src/modbus/tcp-client';
import { KEEPS_PLACE_MS, MAX_CLIENTS, REQUESTS_PER_SECOND, TcpServer } from '../../src/modbus/tcp-server';
import { until } from '../support/until';
import { adu, RawClient } from './raw-client';

let nowMs: number;
let asked: number;
let answerLength: number;
let server: TcpServer;
let clients: RawClient[];

beforeEach(async () => {
  nowMs = 0;
  asked = 0;
  answerLength = 2;
  clients = [];
  server = await TcpServer.open({
    host: '127.0.0.1',
    port: 0,
    now: () => nowMs,
    answer: (unitId, pdu) => {
      asked += 1;
      return Buffer.concat([Buffer.from([unitId]), pdu, Buffer.alloc(answerLength)]);
    },
    onLost: (error) => assert.fail(error),
  });
});
afterEach(async () => {
  for (const client of clients) client.close();
  await server.close();
});

async function client(): Promise<RawClient> {
  const one = await RawClient.connect(server.port);
  clients.push(one);
  return one;
}

/** One request and its answer. */
async function ask(one: RawClient, transaction = 1): Promise<string> {
  one.send(adu(transaction, 5, '0300000001'));
  return (await one.untilReceived(15)).toString('hex');
}

const ANSWER = '000100000009' + '05' + '05' + '0300000001' + '0000';

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a request', () => {
  it('is answered under its transaction and unit, and several in one piece each in turn', async () => {
    const one = await client();
    assert.equal(await ask(one), ANSWER);
    one.send(Buffer.concat([adu(7, 5, '03'), adu(8, 6, '04')]));
    assert.equal((await one.untilReceived(22)).toString('hex'), '00070000000505050300000008000000050606040000');
  });

  it('that comes byte by byte is answered', async () => {
    const one = await client();
    one.socket.setNoDelay(true);
    for (const byte of adu(1, 5, '0300000001')) {
      one.send(Buffer.from([byte]));
      await turns();
    }
    assert.equal((await one.untilReceived(15)).toString('hex'), ANSWER);
  });
});

describe('what is no Modbus', () => {
  const bytes: readonly [string, Buffer][] = [
    ['another protocol', adu(1, 1, '0300000001', 7)],
    ['a length of none', Buffer.from('000100000001010300', 'hex')],
    ['a length beyond a frame', Buffer.from('0001000000ff0103', 'hex')],
    ['a page of the web', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ];
  for (const [what, wrong] of bytes) {
    it(`(${what}) ends that connection and no other`, async () => {
      const [bad, good] = [await client(), await client()];
      bad.send(wrong);
      await bad.closed;
      assert.equal(asked, 0);
      assert.equal(await ask(good), ANSWER);
    });
  }
});

describe('a client that hangs', () => {
  it('in the middle of a frame is disconnected in time, and holds up nobody', async () => {
    const [half, good] = [await client(), await client()];
    half.send(adu(1, 1, '0300000001').subarray(0, 9));
    assert.equal(await ask(good), ANSWER);
    nowMs = FRAME_LIMIT_MS;
    server.sweep();
    assert.equal(await ask(good), ANSWER);
    nowMs += 1;
    server.sweep();
    await half.closed;
    assert.equal(await ask(good), ANSWER);
  });

  it('sends a byte now and then is disconnected all the same', async () => {
    const slow = await client();
    for (const byte of adu(1, 1, '0300000001').subarray(0, 8)) {
      slow.send(Buffer.from([byte]));
      await turns();
      nowMs += FRAME_LIMIT_MS / 6;
      server.sweep();
    }
    await slow.closed;
  });

  it('says nothing is disconnected, later', async () => {
    const silent = await client();
    assert.equal(await ask(silent), ANSWER);
    nowMs = SILENT_LIMIT_MS;
    server.sweep();
    assert.equal(await ask(silent), ANSWER);
    nowMs += SILENT_LIMIT_MS + 1;
    server.sweep();
    await silent.closed;
    await until(() => server.clients === 0);
  });

  it('reads no answers is not answered on, and is disconnected', async () => {
    // No Modbus answer is that long: the system's own buffers are to be full soon.
    answerLength = 60_000;
    const deaf = await client();
    deaf.socket.pause();
    const flood = Buffer.concat(Array.from({ length: 1_000 }, () => adu(1, 1, '0300000001')));
    let before = -1;
    while (asked > before) {
      before = asked;
      // Its share of a second, again and again, until it is no longer given any.
      nowMs += 1_000;
      deaf.send(flood);
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (asked > 10_000) assert.fail('it is answered for ever');
    }
    const good = await client();
    answerLength = 2;
    assert.equal(await ask(good), ANSWER);
    nowMs += UNREAD_LIMIT_MS + 1;
    server.sweep();
    await until(() => server.clients <= 1);
    assert.equal(await ask(good), ANSWER);
  });
});

describe('a client that floods', () => {
  it('is given its share, and another is answered meanwhile', async () => {
    const [flooder, good] = [await client(), await client()];
    flooder.send(Buffer.concat(Array.from({ length: 5_000 }, () => adu(1, 5, '0300000001'))));
    await flooder.untilReceived(15 * 50);
    await turns();
    assert.equal(asked, 50);
    for (let second = 1; second <= 3; second += 1) {
      nowMs = second * 250;
      assert.equal(await ask(good), ANSWER);
    }
    await flooder.untilReceived(15 * 50);
    assert.ok(asked <= 53 + (REQUESTS_PER_SECOND * 3) / 4, String(asked));
    assert.equal(server.clients, 2);
  });

  it('together with many others leaves each its turn', async () => {
    const [atOnce, perTurn, turnMs] = [200, 40, 20];
    const flood = Buffer.concat(Array.from({ length: 400 }, () => adu(1, 5, '0300000001')));
    const flooders = await Promise.all(Array.from({ length: 40 }, client));
    const good = await client();
    for (const flooder of flooders) flooder.send(flood);
    await until(() => asked >= atOnce);
    good.send(adu(1, 5, '0300000001'));
    // Ten flooders use up a turn, and each of them has enough for a hundred turns: who is not given a turn of its own waits
    // that long. What loopback delivers late takes a turn out of order, so that the fifth is not the only right one.
    let turn = 0;
    for (; turn < 50 && good.received.length < ANSWER.length / 2; turn += 1) {
      nowMs += turnMs;
      await until(() => asked >= atOnce + (turn + 1) * perTurn);
    }
    assert.equal(good.received.toString('hex'), ANSWER, `not answered within ${turn} turns`);
  });
});

describe('places', () => {
  it('are limited: a further client is refused while all ask', async () => {
    const all = await Promise.all(Array.from({ length: MAX_CLIENTS }, client));
    await ask(all[0] ?? assert.fail());
    const further = await client();
    await further.closed;
    assert.equal(server.clients, MAX_CLIENTS);
    assert.equal(await ask(all[1] ?? assert.fail()), ANSWER);
  });

  it('are taken from who has been silent longest', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: MAX_CLIENTS }, client));
    nowMs = 100;
    for (const other of others) await ask(other);
    nowMs += KEEPS_PLACE_MS;
    const further = await client();
    await first?.closed;
    assert.equal(await ask(further), ANSWER);
    assert.equal(server.clients, MAX_CLIENTS);
  });

  it('are free again when clients leave', async () => {
    const [one] = [await client()];
    assert.equal(await ask(one), ANSWER);
    one.socket.end();
    await one.closed;
    await until(() => server.clients === 0);
  });
});

describe('a server', () => {
  it('whose port is in use says so and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { port } = address;
    const options = { ...server.options, port };
    await assert.rejects(TcpServer.open(options), {
      code: 'MODBUS_FAILED',
      message: new RegExp(`127\\.0\\.0\\.1:${port}: another program.*choose another port`),
    });
    other.close();
  });

  it('at an address that is not this machine’s says so', async () => {
    const options = { ...server.options, host: '192.0.2.1' };
    await assert.rejects(TcpServer.open(options), { code: 'MODBUS_FAILED', message: /no such address/ });
  });

  it('that closes disconnects everyone and frees its port, once or twice', async () => {
    const one = await client();
    const { port } = server;
    await Promise.all([server.close(), server.close()]);
    await one.closed;
    const [error] = await once(connect(port, '127.0.0.1'), 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });
});
