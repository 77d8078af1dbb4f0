/** The form of every node, in both languages: whole at its own width, for a keyboard and a screen reader, with its reasons. */
import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { LANGUAGES } from '../nodes/editor-pages';
import { HOST_TOML, injectNode, runtimeNode, STILL_WORLD, TAB } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { fixture } from '../wasm/components';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { IN_FLOWS, nodeOf } from './every-node';

describe('the forms in the editor', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  before(async () => {
    browser = await launchBrowser();
    const texts = { [HOST_TOML]: `${STILL_WORLD}[plugins.panel]\n` };
    nodeRed = await NodeRed.start({ linked: true, texts });
    const pluginDir = join(nodeRed.userDir, 'wasi', 'plugins');
    await mkdir(pluginDir, { recursive: true });
    await copyFile(fixture('display'), join(pluginDir, 'panel.wasm'));
    const go = injectNode('go', ['a-plugin-poll']);
    await nodeRed.deploy([TAB, runtimeNode('runtime'), go, ...IN_FLOWS.map(nodeOf)]);
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const language of LANGUAGES) {
    it(`are whole, and break no rule of accessibility, in ${language}`, async () => {
      const editor = await Editor.open(browser, nodeRed, { language });
      try {
        for (const type of IN_FLOWS) {
          await editor.edit(`a-${type}`);
          await editor.page.waitForLoadState('networkidle');
          await keepPicture(editor.page, `form-${type}-${language}`);
          assert.equal(await editor.isTooWide(), false, type);
          assert.deepEqual(await editor.accessibility(), [], type);
          await editor.done();
        }
        assert.deepEqual(editor.errors, []);
      } finally {
        await editor.close();
      }
    });
  }

  it('can be used without a mouse: a label leads to its field', async () => {
    const form = await editor.edit('a-plugin-poll');
    for (const label of ['Name', 'Runtime', 'Plugin', 'Polls', 'Sends']) {
      assert.equal(await form.getByLabel(label, { exact: true }).count(), 1, label);
    }
    await editor.cancel();
  });

  it('show a plugin’s state below its name, take a name that is not there yet, and mark a name that is missing', async () => {
    const form = await editor.edit('a-plugin-poll');
    const state = form.locator('#edge-wasi-plugin-state');
    await state.getByText('ready').waitFor();
    await nodeRed.inject('go');
    await state.getByText('ready; last read temperature (°C), humidity (%)').waitFor();
    await form.getByLabel('Plugin', { exact: true }).selectOption('*');
    await state.getByText('polls dht22, bme680, pi_monitor, then updates panel').waitFor();
    await form.getByLabel('Plugin', { exact: true }).selectOption('other');
    const name = form.getByLabel('name of the plugin');
    await name.fill('');
    assert.match((await name.getAttribute('class')) ?? '', /input-error/);
    await name.fill('my_clock');
    await state.getByText('copy my_clock.wasm into the plugin folder').waitFor();
    await editor.done();
    assert.equal(await editor.page.evaluate('RED.nodes.node("a-plugin-poll").plugin'), 'my_clock');
  });

  for (const [language, label, list, other] of [
    ['en-US', 'panel (display)', 'Plugin', 'another name…'],
    ['de', 'panel (Anzeige)', 'Plugin', 'anderer Name…'],
  ] as const) {
    it(`offer a display where plugins are polled, marked as one, and not where pages are rendered, in ${language}`, async () => {
      const editor = await Editor.open(browser, nodeRed, { language });
      try {
        const poll = await editor.edit('a-plugin-poll');
        await poll.getByLabel(list, { exact: true }).selectOption({ label });
        assert.equal(await poll.locator('#node-input-plugin').inputValue(), 'panel');
        await keepPicture(editor.page, `form-plugin-poll-display-${language}`);
        await editor.cancel();
        const page = await editor.edit('a-dashboard');
        const pages = page.getByLabel(list, { exact: true }).locator('option');
        await pages.getByText('dashboard').waitFor({ state: 'attached' });
        assert.deepEqual(await pages.allTextContents(), ['dashboard', other]);
        await editor.cancel();
        assert.deepEqual(editor.errors, []);
      } finally {
        await editor.close();
      }
    });
  }

  it('say why a value is wrong where the node is looked at', async () => {
    const form = await editor.edit('a-modbus-gateway');
    await form.locator('#node-input-unitId').fill('300');
    await editor.done();
    const reasons = await editor.page.evaluate('RED.nodes.node("a-modbus-gateway").validationErrors');
    assert.deepEqual(reasons, ['Unit id: a whole number from 1 to 247']);
  });

  it('take a password that no flow has, and show only that there is one', async () => {
    const password = async (editor: Editor) => {
      const form = await editor.editConfig('wasi-runtime', 'runtime');
      await form.getByRole('tab', { name: 'General' }).click();
      return form.getByLabel('etcd password');
    };
    const editor = await Editor.open(browser, nodeRed);
    try {
      const field = await password(editor);
      assert.equal(await field.getAttribute('type'), 'password');
      assert.equal(await field.inputValue(), '');
      await field.fill('only-etcd-knows');
      await editor.done();
      await editor.deploy();
    } finally {
      await editor.close();
    }
    assert.doesNotMatch(await nodeRed.text('/flows'), /only-etcd-knows|clusterPassword/);
    assert.deepEqual(await nodeRed.json('/credentials/wasi-runtime/runtime'), { has_clusterPassword: true });
    const another = await Editor.open(browser, nodeRed);
    try {
      assert.equal(await (await password(another)).inputValue(), '__PWRD__');
      await keepPicture(another.page, 'form-password-set');
      const exported = await another.page.evaluate(
        'JSON.stringify(RED.nodes.createExportableNodeSet([RED.nodes.node("runtime")]))',
      );
      assert.match(String(exported), /wasi-runtime/);
      assert.doesNotMatch(String(exported), /only-etcd-knows|clusterPassword|__PWRD__/);
    } finally {
      await another.close();
    }
  });
});
