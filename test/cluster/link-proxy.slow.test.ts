/** Links as the tests make them bad, between a client and a server that sends everything back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { bothWays, CUT, OPEN, STALLED } from './link-condition';
import { LinkProxy, type ProxyOptions } from './link-proxy';

const HOST = '127.0.0.1';
const DELAY_MS = 60;

/** Released in the reverse order of opening. */
async function openLink(test: TestContext, options: Partial<ProxyOptions> = {}): Promise<LinkProxy> {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const target = { host: HOST, port: address.port };
  const proxy = await LinkProxy.open({ listen: { host: HOST, port: 0 }, target, seed: 7, ...options });
  test.after(async () => {
    await proxy.close();
    server.close();
  });
  return proxy;
}

async function client(test: TestContext, { port }: LinkProxy): Promise<Socket> {
  const socket = connect(port, HOST);
  test.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** ms until all of it has come back. */
async function echo(socket: Socket, text: string): Promise<number> {
  const from = performance.now();
  let back = '';
  const all = new Promise<void>((resolve) => {
    const take = (bytes: Buffer) => {
      back += bytes.toString('latin1');
      if (back.length < text.length) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take);
  });
  socket.write(text);
  await all;
  assert.equal(back, text);
  return performance.now() - from;
}

/** Whether it has not come back by the time that another connection's answer has, three times. */
async function isSilent(socket: Socket, other: Socket): Promise<boolean> {
  let heard = false;
  socket.once('data', () => {
    heard = true;
  });
  socket.write('x');
  for (let i = 0; i < 3; i++) await echo(other, 'y');
  socket.removeAllListeners('data');
  return !heard;
}

describe('a link of the tests', () => {
  it('passes everything unchanged in both directions, and an end as an end', async (test) => {
    const socket = await client(test, await openLink(test));
    await echo(socket, 'a'.repeat(3_000_000));
    socket.end();
    await once(socket, 'end');
  });

  it('is slow both ways, and no less than it was told', async (test) => {
    const proxy = await openLink(test);
    const socket = await client(test, proxy);
    proxy.setAll(bothWays({ kind: 'slow', delayMs: DELAY_MS }));
    const slow = await echo(socket, 'hello');
    assert.ok(slow >= 2 * DELAY_MS - 2, `${slow} ms`);
  });

  it('has no more throughput than it was told', async (test) => {
    const proxy = await openLink(test);
    const socket = await client(test, proxy);
    proxy.setAll({ ...OPEN, forth: { kind: 'slow', delayMs: 0, bytesPerSecond: 1_000_000 } });
    const took = await echo(socket, 'a'.repeat(200_000));
    assert.ok(took >= 190, `${took} ms`);
  });

  it('keeps the order of what was lost and sent again', async (test) => {
    const proxy = await openLink(test);
    const socket = await client(test, proxy);
    proxy.setAll(bothWays({ kind: 'slow', delayMs: 0, jitterMs: 5, lossRate: 0.3 }));
    for (let i = 0; i < 5; i++) await echo(socket, `piece ${i} `.repeat(20));
  });

  it('loses the same pieces for the same seed', async (test) => {
    const resets = async (seed: number) => {
      const proxy = await openLink(test, { seed });
      proxy.setAll(bothWays({ kind: 'slow', delayMs: 0, resetRate: 0.4 }));
      const outcomes: boolean[] = [];
      for (let i = 0; i < 12; i++) {
        const socket = await client(test, proxy);
        outcomes.push(
          await new Promise<boolean>((resolve) => {
            socket.on('error', () => resolve(false)).once('data', () => resolve(true));
            socket.write('x');
          }),
        );
      }
      return outcomes;
    };
    const first = await resets(3);
    assert.deepEqual(await resets(3), first);
    assert.equal(new Set(first).size, 2);
    assert.notDeepEqual(await resets(4), first);
  });

  it('swallows what is sent while it is stalled, and delivers it when it opens', async (test) => {
    const proxy = await openLink(test, { identify: (seen) => /^from (\w)/.exec(seen)?.[1] });
    const [stalled, other] = [await client(test, proxy), await client(test, proxy)];
    await echo(stalled, 'from a ');
    await echo(other, 'from b ');
    proxy.set(STALLED, 'a');
    assert.equal(await isSilent(stalled, other), true);
    const late = once(stalled, 'data');
    proxy.set(OPEN, 'a');
    assert.equal(String((await late)[0]), 'x');
  });

  it('passes one direction while the other is stalled', async (test) => {
    const seen: string[] = [];
    const server = createServer((socket) => socket.on('data', (bytes) => seen.push(String(bytes))).write('news'));
    server.listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const proxy = await LinkProxy.open({
      listen: { host: HOST, port: 0 },
      target: { host: HOST, port: address.port },
      seed: 1,
    });
    test.after(async () => {
      await proxy.close();
      server.close();
    });
    proxy.setAll({ ...OPEN, forth: { kind: 'stalled' } });
    const socket = connect(proxy.port, HOST);
    test.after(() => socket.destroy());
    socket.write('unheard');
    assert.equal(String((await once(socket, 'data'))[0]), 'news');
    assert.deepEqual(seen, []);
  });

  it('resets what is there and what is new while it is cut, for the one it is cut for', async (test) => {
    const proxy = await openLink(test, { identify: (seen) => /^from (\w)/.exec(seen)?.[1] });
    const [cut, other] = [await client(test, proxy), await client(test, proxy)];
    await echo(cut, 'from a ');
    await echo(other, 'from b ');
    proxy.set(CUT, 'a');
    assert.match(String((await once(cut, 'error'))[0]), /ECONNRESET/);
    const again = await client(test, proxy);
    again.write('from a ');
    assert.match(String((await once(again, 'error'))[0]), /ECONNRESET/);
    await echo(other, 'still here');
  });

  it('slows a sender down that it cannot follow, and loses nothing', async (test) => {
    const proxy = await openLink(test);
    const socket = await client(test, proxy);
    proxy.setAll(STALLED);
    const large = Buffer.alloc(64 * 2 ** 20, 'z');
    let accepted = false;
    socket.write(large, () => {
      accepted = true;
    });
    let back = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        back += bytes.length;
        if (back === large.length) resolve();
      });
    });
    const other = await client(test, await openLink(test));
    for (let i = 0; i < 50; i++) await echo(other, 'y');
    assert.deepEqual([accepted, back], [false, 0]);
    proxy.setAll(OPEN);
    await all;
  });
});
