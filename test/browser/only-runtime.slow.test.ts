/** Which runtime a node has that was just dragged into a flow. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, runtimeNode, STILL_WORLD, TAB } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { IN_FLOWS } from './every-node';

interface Placed {
  readonly runtime: string;
  readonly valid: boolean;
  /** Ids of the nodes that use the runtime, as the editor counts them. */
  readonly counted: boolean;
}

describe('a node that is dragged into a flow', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor | undefined;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({ linked: true, texts: { [HOST_TOML]: STILL_WORLD } });
  });
  afterEach(async () => {
    await editor?.close();
    assert.deepEqual(editor?.errors, []);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  async function openWith(nodes: readonly object[]): Promise<Editor> {
    await nodeRed.deploy([TAB, ...nodes]);
    editor = await Editor.open(browser, nodeRed);
    return editor;
  }

  async function place({ page }: Editor, type: string): Promise<Placed> {
    const category = page.locator('#red-ui-palette-base-category-edge_wasi');
    if (!(await category.isVisible())) await page.locator('#red-ui-palette-header-edge_wasi').click();
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    await entry.dragTo(page.locator('#red-ui-workspace-chart'), { targetPosition: { x: 300, y: 300 } });
    await page.waitForFunction(`RED.nodes.filterNodes({ type: ${JSON.stringify(type)} }).length === 1`);
    return page.evaluate(`(() => {
      const [node] = RED.nodes.filterNodes({ type: ${JSON.stringify(type)} });
      const users = RED.nodes.node(node.runtime)?.users ?? [];
      return { runtime: node.runtime, valid: !(node.validationErrors ?? []).some((each) => /untime/.test(each.message ?? each)),
        counted: users.some(({ id }) => id === node.id) };
    })()`);
  }

  for (const type of IN_FLOWS) {
    it(`(${type}) has the only runtime there is`, async () => {
      const placed = await place(await openWith([runtimeNode('runtime')]), type);
      assert.deepEqual(placed, { runtime: 'runtime', valid: true, counted: true });
    });
  }

  it('has none where there are several, and where the only one is disabled or another flow’s', async () => {
    for (const runtimes of [
      [runtimeNode('runtime'), runtimeNode('other')],
      [runtimeNode('runtime', { d: true })],
      [{ id: 'elsewhere', type: 'tab', label: 'elsewhere' }, runtimeNode('runtime', { z: 'elsewhere' })],
    ]) {
      const editor = await openWith(runtimes);
      assert.equal((await place(editor, 'led-sync')).runtime, '');
      await editor.close();
    }
  });

  it('has it when it is pasted without one, too, and keeps its own otherwise', async () => {
    const editor = await openWith([runtimeNode('runtime')]);
    const pasted = await editor.page.evaluate(`(() => {
      const node = (id, runtime) => ({ id, type: 'led-sync', name: '', runtime, x: 100, y: 100, wires: [[]] });
      RED.view.importNodes([node('one', ''), node('two', 'gone')], { generateIds: false });
      const runtimeOf = (id) => RED.nodes.node(id).runtime;
      return { one: runtimeOf('one'), two: runtimeOf('two'), users: RED.nodes.node('runtime').users.map(({ id }) => id) };
    })()`);
    assert.deepEqual(pasted, { one: 'runtime', two: 'gone', users: ['one'] });
  });
});
