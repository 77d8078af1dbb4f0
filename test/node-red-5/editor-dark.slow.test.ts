/** The forms in the editor's dark scheme, which Node-RED has from 5 on: every word can still be read, every state told. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { keepPicture, launchBrowser, noBrowser } from '../browser/chromium';
import { Editor } from '../browser/editor';
import { IN_FLOWS, nodeOf } from '../browser/every-node';
import { RUNTIME_ID, RuntimeFormPage } from '../browser/runtime-form';
import { HOST_TOML, runtimeNode, STILL_WORLD, TAB } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';

describe('the forms in a dark editor', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({ linked: true, texts: { [HOST_TOML]: STILL_WORLD } });
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), ...IN_FLOWS.map(nodeOf)]);
    editor = await Editor.open(browser, nodeRed, { scheme: 'dark' });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  it('is dark', async () => {
    const [red, green, blue] = await editor.page.evaluate<number[]>(
      `getComputedStyle(document.querySelector('#red-ui-palette')).backgroundColor.match(/\\d+/g).map(Number)`,
    );
    assert.ok(Math.max(red ?? 255, green ?? 255, blue ?? 255) < 100, `${red} ${green} ${blue}`);
  });

  for (const type of IN_FLOWS) {
    it(`${type} breaks no rule of accessibility`, async () => {
      await editor.edit(`a-${type}`);
      await editor.page.waitForLoadState('networkidle');
      await keepPicture(editor.page, `dark-${type}`);
      assert.deepEqual(await editor.accessibility(), []);
      await editor.done();
    });
  }

  it('wasi-runtime breaks no rule of accessibility, on any of its tabs', async () => {
    const page = await RuntimeFormPage.open(editor);
    await page.row('pi_monitor').getByText('ready').waitFor();
    const details = await page.unfold('pi_monitor');
    await details.getByRole('button', { name: 'Grants…' }).click();
    for (const [index, name] of ['Plugins', 'host.toml', 'General'].entries()) {
      await page.tab(name).click();
      await editor.page.waitForLoadState('networkidle');
      await keepPicture(editor.page, `dark-runtime-${index + 1}`);
      assert.deepEqual(await editor.accessibility(), [], name);
    }
  });

  it('says nothing wrong on the way', () => assert.deepEqual(editor.errors, []));
});
