/**
 * The demonstration of four nodes, four etcd and four Node-RED on simulated hardware, as `npm run cluster:demo` starts it:
 * what one node shows of the others, on its page and over Modbus, and what is left when nodes or a majority are gone. One
 * demonstration for all; each test leaves all four running. Pictures are in build/screenshots.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { keepPicture, launchBrowser, noBrowser } from '../browser/chromium';
import { adu, RawClient } from '../modbus/raw-client';
import { DemoRun, NODES, type NodeName } from './demo-run';
import { call, encoded, Refusal } from './etcd-calls';
import { noEtcd } from './etcd-programs';

/** Temperatures of the four rooms, °C; each swings by two degrees. */
const ROOMS: Readonly<Record<NodeName, number>> = { revpi: 21, pi4: 24, 'zero-a': 17, 'zero-b': 6 };
const SWING = 3;
const READ_HOLDING_TWO = (address: number) => `03 ${address.toString(16).padStart(4, '0')} 0002`;
/** MBAP header, function, length, two registers. */
const ANSWER_BYTES = 7 + 2 + 4;
const NEW_READINGS = 3;

interface MapEntry {
  readonly unitId: number;
  readonly address: number;
  readonly node: string;
  readonly plugin: string;
  readonly field: string;
}

describe('npm run cluster:demo', { skip: noEtcd, timeout: 300_000 }, () => {
  let demo: DemoRun;
  before(async () => {
    demo = await DemoRun.start();
  });
  after(() => demo?.remove());

  const leads = (name: NodeName, of: NodeName = name) =>
    demo.until(`${of} says that ${name} leads`, async () => new RegExp(`led by ${name} `).test(await demo.page(of)));

  /** Each of `of` is read some more times, as `name` sees it. */
  async function goOn(name: NodeName, of: readonly NodeName[]): Promise<void> {
    const since = Date.now();
    for (const other of of)
      await demo.until(`${name} has new readings of ${other}`, async () => {
        return (await demo.history(name, other)).filter((at) => at > since).length >= NEW_READINGS;
      });
  }

  it('says what runs where and which page shows all four, and that page does', async () => {
    for (const name of NODES) assert.ok(demo.log.includes(demo.of(name).editor), demo.log);
    assert.ok(demo.log.includes(`Open ${demo.of('revpi').dashboard} : it shows all four`), demo.log);
    assert.deepEqual([...new Set((await demo.readings('revpi')).map(({ node }) => node))].sort(), [...NODES].sort());
    await demo.until('the page has four healthy nodes', async () => {
      return (
        ((await demo.page('revpi')).match(/ healthy (leader-preferred|voter|learner) /g)?.length ?? 0) === NODES.length
      );
    });
    await leads('revpi');
  });

  it('serves the values of all four over Modbus, each under its unit id', async () => {
    const { editor, modbusPort = 0 } = demo.of('revpi');
    const map: readonly MapEntry[] = JSON.parse(await demo.get(`${editor}/edge-wasi/modbus/modbus/registers`));
    const rooms = map.filter(({ plugin, field }) => plugin === 'dht22' && field === 'temperature');
    assert.deepEqual(rooms.map(({ node }) => node).sort(), [...NODES].sort());
    assert.equal(new Set(rooms.map(({ unitId }) => unitId)).size, NODES.length);
    const client = await RawClient.connect(modbusPort);
    try {
      for (const { node, unitId, address } of rooms) {
        client.send(adu(unitId, unitId, READ_HOLDING_TWO(address)));
        const value = (await client.untilReceived(ANSWER_BYTES)).readFloatBE(ANSWER_BYTES - 4);
        const expected = ROOMS[NODES.find((name) => name === node) ?? 'revpi'];
        assert.ok(Math.abs(value - expected) <= SWING, `${node}: ${value} °C instead of about ${expected}`);
      }
    } finally {
      client.close();
    }
  });

  it("brings the learner's readings to all, though its own member takes no write", async () => {
    const write = { key: encoded('a'), value: encoded('b') };
    await assert.rejects(() => call(demo.of('zero-b').etcd, 'kv/put', write), Refusal);
    for (const name of ['revpi', 'pi4', 'zero-a'] as const) await goOn(name, ['zero-b']);
  });

  it('looks as it should in a browser', { skip: noBrowser }, async () => {
    const browser = await launchBrowser();
    try {
      for (const [name, width, height] of [
        ['desktop', 1440, 1800],
        ['phone', 390, 2600],
      ] as const) {
        const page = await browser.newPage({ viewport: { width, height } });
        await page.goto(demo.of('revpi').dashboard);
        await page.locator('#state.live').waitFor();
        const cluster = page.frameLocator('iframe').locator('#cluster');
        await cluster
          .locator('tbody tr')
          .nth(NODES.length - 1)
          .waitFor();
        await keepPicture(page, `cluster-demo-${name}`);
        await keepPicture(cluster, `cluster-demo-${name}-table`);
      }
    } finally {
      await browser.close();
    }
  });

  it('goes on under another leader when the one that leads is gone, and hands back when it has returned', async () => {
    await demo.type('kill revpi', /revpi is off/);
    // Its file follows a moment after the words.
    await demo.until('revpi has no etcd', () => demo.of('revpi').pids.etcd === undefined);
    const heir = async () => / led by (pi4|zero-a) /.exec(await demo.page('pi4'))?.[1];
    await demo.until('another leads', async () => (await heir()) !== undefined);
    const first = await heir();
    await goOn('pi4', ['zero-a', 'zero-b']);
    assert.equal(await heir(), first);
    await demo.type('start revpi', /revpi is back/);
    await leads('revpi', 'pi4');
    await goOn('revpi', NODES);
  });

  it('loses nothing while two of three voters are gone: each polls on, says so, and catches up', async () => {
    const since = Date.now();
    for (const name of ['pi4', 'zero-a'] as const) process.kill(demo.of(name).pids.etcd ?? 0, 'SIGKILL');
    await demo.until(
      'both are told to be gone',
      () => /etcd of pi4 has ended/.test(demo.log) && /zero-a has/.test(demo.log),
    );
    for (const name of NODES) {
      await goOn(name, [name]);
      await demo.until(`${name} says that it is alone`, async () => / not connected /.test(await demo.page(name)));
    }
    await demo.type('start pi4 etcd', /pi4's etcd is back/);
    await demo.type('start zero-a etcd', /zero-a's etcd is back/);
    const until = Date.now();
    const meanwhile = (times: readonly number[]) => times.filter((at) => at > since && at < until);
    for (const name of NODES) {
      const own = meanwhile(await demo.history(name, name));
      assert.ok(own.length > NEW_READINGS, `${name} was read ${own.length} times meanwhile`);
      for (const other of NODES)
        await demo.until(`${other} has every reading of ${name}`, async () => {
          return JSON.stringify(meanwhile(await demo.history(other, name))) === JSON.stringify(own);
        });
    }
    await leads('revpi');
  });

  it('leaves no process and no file outside its folder when it is ended', async () => {
    assert.deepEqual(await demo.stop(), { code: 0, running: [], files: [] });
    assert.match(demo.log, /all have ended\n$/);
  });
});
