/** What the editor finds after the installation: nodes, their texts and icons, and the examples in its import menu. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exampleFlow, exampleNames, inlineRuntime, TAB, USER } from './flow-nodes';
import { NodeRed } from './node-red';

const PACKAGE = '@edge-wasi/node-red-wasi';
const TYPES = [
  'cluster-watch',
  'dashboard',
  'hardware-sim',
  'led-sync',
  'modbus-gateway',
  'plugin-poll',
  'wasi-runtime',
];
const ICONS = [
  'wasi-cluster-watch.svg',
  'wasi-dashboard.svg',
  'wasi-hardware-sim.svg',
  'wasi-led-sync.svg',
  'wasi-modbus-gateway.svg',
  'wasi-plugin-poll.svg',
];
const BUNDLED = ['bme680', 'dashboard', 'dht22', 'pi_monitor'];

interface NodeSet {
  readonly id: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly err?: unknown;
}

let nodeRed: NodeRed;
before(async () => {
  nodeRed = await NodeRed.start();
});
after(() => nodeRed.stop());

function namesOf(plugins: readonly { readonly name: string }[]): string[] {
  return plugins.map(({ name }) => name).sort();
}

describe('the palette', () => {
  it('has its nodes, enabled and without an error', async () => {
    const all: readonly NodeSet[] = await nodeRed.json('/nodes');
    const ours = all.filter(({ id }) => id.startsWith(`${PACKAGE}/`));
    assert.deepEqual(ours.flatMap(({ types }) => types).sort(), TYPES);
    for (const { id, enabled, err } of ours)
      assert.deepEqual({ id, enabled, err }, { id, enabled: true, err: undefined });
    const module = await nodeRed.json(`/nodes/${PACKAGE}`);
    assert.deepEqual([module.name, module.local, module.nodes.length], [PACKAGE, true, TYPES.length]);
  });

  for (const type of TYPES) {
    it(`has texts and a help of ${type} in English and in German`, async () => {
      const [english, german] = await Promise.all(
        ['en-US', 'de'].map((language) => nodeRed.json(`/nodes/${PACKAGE}/${type}/messages?lng=${language}`)),
      );
      assert.ok(Object.keys(english).length > 0);
      assert.deepEqual(Object.keys(german).sort(), Object.keys(english).sort());
      assert.notDeepEqual(german, english);
      for (const language of ['en-US', 'de']) {
        const headers = { Accept: 'text/html', 'Accept-Language': language };
        const html = await (await nodeRed.request(`/nodes/${PACKAGE}/${type}`, { headers })).text();
        assert.match(html, new RegExp(`data-template-name="${type}"`));
        assert.match(html, new RegExp(`data-help-name="${type}"`));
      }
    });
  }

  it('serves an icon of each node that has one', async () => {
    const { [PACKAGE]: icons } = await nodeRed.json('/icons');
    assert.deepEqual([...icons].sort(), ICONS);
    for (const icon of icons) assert.match(await nodeRed.text(`/icons/${PACKAGE}/${icon}`), /<svg/);
  });

  it('offers the examples for import, as they are', async () => {
    const menu = `/library/examples/flows/${PACKAGE}`;
    assert.deepEqual(await nodeRed.json(menu), ['flows']);
    const listed: readonly { readonly fn: string }[] = await nodeRed.json(`${menu}/flows`);
    assert.deepEqual(listed.map(({ fn }) => fn).sort(), exampleNames().sort());
    for (const name of exampleNames()) {
      const flow: readonly object[] = await nodeRed.json(`${menu}/flows/${name}`);
      assert.equal(flow.length, exampleFlow(name).length);
    }
  });
});

describe('the list of plugins in a dialog', () => {
  it('is that of the defaults before a runtime is deployed, and that of the runtime afterwards', async () => {
    assert.deepEqual(namesOf(await nodeRed.json('/edge-wasi/runtimes/none/plugins')), BUNDLED);
    await nodeRed.deploy([
      TAB,
      inlineRuntime('mine', '[plugins.my_sensor]\nenabled = true\n'),
      { ...USER, runtime: 'mine' },
    ]);
    const names = await nodeRed.until('the runtime is open', async () => {
      const found = namesOf(await nodeRed.json('/edge-wasi/runtimes/mine/plugins'));
      return found.includes('my_sensor') && found;
    });
    assert.deepEqual(names, [...BUNDLED, 'my_sensor'].sort());
  });
});
