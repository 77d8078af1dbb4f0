/** Which wasi-runtime nodes open something: only those that a running node uses, and one for all that mean the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { FakeRuntime, failing, TRIED_AGAIN } from './fake-runtime';
import { Flow, RUNTIME, settled } from './flow';

const poll = (id: string, runtime: string, more: object = {}) => {
  return { id, type: 'plugin-poll', runtime, plugin: 'dht22', x: 0, y: 0, wires: [], ...more };
};
const TAB = { id: 'tab', type: 'tab', label: 'on' };
const runtimeNode = (id: string, properties: object = {}) => ({ id, type: 'wasi-runtime', ...properties });

const userDir = mkdtempSync(join(tmpdir(), 'wasi-sharing-'));
after(() => rmSync(userDir, { recursive: true }));

let flow: Flow | undefined;
afterEach(() => flow?.stop());

async function opensOf(nodes: readonly object[]): Promise<number> {
  flow = await Flow.start(nodes, async () => new FakeRuntime(), { userDir });
  await settled();
  return flow.opened;
}

describe('a wasi-runtime node', () => {
  it('that no node uses opens nothing', async () => {
    assert.equal(await opensOf([RUNTIME, runtimeNode('other', { hardware: 'simulated' })]), 0);
  });

  it('whose only users lie on a disabled tab, or are disabled themselves, opens nothing', async () => {
    const nodes = [
      RUNTIME,
      { id: 'off-tab', type: 'tab', label: 'off', disabled: true },
      poll('off', 'runtime', { z: 'off-tab' }),
      TAB,
      poll('disabled', 'runtime', { z: TAB.id, d: true }),
    ];
    assert.equal(await opensOf(nodes), 0);
  });

  const instance = (id: string) => ({ id, type: 'subflow:sub', z: TAB.id, x: 0, y: 0, wires: [] });
  const SUBFLOW = { id: 'sub', type: 'subflow', name: 'sub', in: [], out: [] };

  it('that only a subflow uses opens with an instance of it, and not without', async () => {
    const inside = [RUNTIME, SUBFLOW, poll('inside', 'runtime', { z: 'sub' })];
    assert.equal(await opensOf(inside), 0);
    await flow?.stop();
    assert.equal(await opensOf([...inside, TAB, instance('first'), instance('second')]), 1);
  });

  it('that lies in a subflow is one runtime for all its instances', async () => {
    const own = { ...runtimeNode('own'), z: 'sub' };
    const nodes = [SUBFLOW, own, poll('inside', 'own', { z: 'sub' }), TAB, instance('first'), instance('second')];
    assert.equal(await opensOf(nodes), 1);
  });
});

describe('wasi-runtime nodes', () => {
  const both = (first: object, second: object) => [
    runtimeNode('first', first),
    runtimeNode('second', second),
    TAB,
    poll('one', 'first', { z: TAB.id }),
    poll('two', 'second', { z: TAB.id }),
  ];

  it('with the same properties share one runtime, whatever their names are', async () => {
    assert.equal(await opensOf(both({}, {})), 1);
    await flow?.untilStatus('one', 'green dot status.ready');
    await flow?.untilStatus('two', 'green dot status.ready');
  });

  it('whose paths lead to the same place share one runtime', async () => {
    await mkdir(join(userDir, 'wasi'), { recursive: true });
    writeFileSync(join(userDir, 'wasi', 'host.toml'), '');
    try {
      const absolute = {
        configFile: join(userDir, 'wasi', 'host.toml'),
        pluginDir: join(userDir, 'wasi', 'x', '..', 'plugins'),
      };
      assert.equal(await opensOf(both({}, absolute)), 1);
    } finally {
      rmSync(join(userDir, 'wasi', 'host.toml'));
    }
  });

  it('of which one names a missing file, and the other none, are two: that one fails', async () => {
    assert.equal(await opensOf(both({}, { configFile: 'wasi/host.toml' })), 2);
  });

  it('ignore what has no effect: the text where a file is read, the file where a text is', async () => {
    assert.equal(await opensOf(both({ configText: 'a = 1' }, { configText: 'b = 2' })), 1);
    await flow?.stop();
    const inline = { configSource: 'inline', configText: 'same' };
    assert.equal(await opensOf(both({ ...inline, configFile: 'a' }, { ...inline, configFile: 'b' })), 1);
  });

  for (const [property, value] of [
    ['hardware', 'simulated'],
    ['pluginDir', 'elsewhere'],
    ['configFile', 'other.toml'],
    ['configSource', 'inline'],
  ]) {
    it(`that differ in ${property} have one each`, async () => {
      assert.equal(await opensOf(both({}, { [`${property}`]: value })), 2);
    });
  }

  it('that share a runtime keep it until the last of them is closed', async () => {
    const runtime = new FakeRuntime();
    flow = await Flow.start(both({}, {}), async () => runtime, { userDir });
    await flow.untilStatus('two', 'green dot status.ready');
    await flow.node('one').close(true);
    await flow.node('first').close(true);
    assert.equal(runtime.closes, 0);
    flow.send('two');
    await flow.untilEnds(1);
    assert.equal(flow.ends[0]?.error, undefined);
    await flow.node('two').close(true);
    await flow.node('second').close(true);
    assert.equal(runtime.closes, 1);
  });

  it('that share a runtime which cannot open each say so, and so does every node that uses one', async () => {
    flow = await Flow.start(both({}, {}), failing('CONFIG_INVALID', 'line 3 is wrong'), { userDir });
    await flow.untilStatus('one', 'red ring errors.CONFIG_INVALID');
    await flow.untilStatus('two', 'red ring errors.CONFIG_INVALID');
    assert.equal(flow.opened, 1);
    assert.deepEqual(
      flow.logged.filter((line) => line.startsWith('wasi-runtime')),
      [`wasi-runtime line 3 is wrong${TRIED_AGAIN}`, `wasi-runtime line 3 is wrong${TRIED_AGAIN}`],
    );
  });
});
