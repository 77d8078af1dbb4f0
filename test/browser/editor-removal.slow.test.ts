/** Files that come into the plugin folder and go from it while the editor is open, by hand and by the form's button. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, pollNode, runtimeNode, STILL_WORLD, TAB } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { fixture } from '../wasm/components';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { RUNTIME_ID, RuntimeFormPage } from './runtime-form';

const TABLES = '# on the roof\n[plugins.listed]\nenabled = true\n';

describe('the plugin folder, as the editor shows it', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({
      linked: true,
      texts: { [HOST_TOML]: `${STILL_WORLD}${TABLES}` },
      copies: { 'wasi/plugins/listed.wasm': fixture('counter_v1') },
    });
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), pollNode('poll', 'listed', [], { every: '0.5' })]);
    await nodeRed.untilStatus('poll', /^green dot \d/);
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  const pathOf = (plugin: string) => join(nodeRed.userDir, 'wasi', 'plugins', `${plugin}.wasm`);
  const hostToml = () => readFileSync(join(nodeRed.userDir, HOST_TOML), 'utf8');
  async function copyAll(): Promise<void> {
    await copyFile(fixture('counter_v1'), pathOf('fine'));
    await copyFile(fixture('i2c_reader'), pathOf('asking'));
    await writeFile(pathOf('broken'), 'no component');
  }

  it('has a copied file in the list of a poll node at once, with what keeps it from running', async () => {
    const form = await editor.edit('poll');
    const list = form.getByLabel('Plugin', { exact: true });
    await copyAll();
    for (const label of ['fine', 'asking (needs a grant)', 'broken (cannot run)'])
      await list
        .locator('option', { hasText: new RegExp(`^${label.replace(/[()]/g, '\\$&')}$`) })
        .waitFor({ state: 'attached' });
    await list.selectOption({ label: 'broken (cannot run)' });
    await form
      .locator('#edge-wasi-plugin-state')
      .getByText(/^cannot run: .*component/)
      .waitFor();
    await list.selectOption({ label: 'fine' });
    await form.locator('#edge-wasi-plugin-state').getByText('not in use').waitFor();
    await keepPicture(editor.page, 'poll-copied-files');
    await rm(pathOf('fine'));
    await list.locator('option', { hasText: /^fine$/ }).waitFor({ state: 'detached' });
    await editor.cancel();
  });

  it('has it in the table of the runtime, and lets it go when it is removed by hand', async () => {
    const page = await RuntimeFormPage.open(editor);
    await copyAll();
    await page.row('fine').getByText('not in use').waitFor();
    await page.row('asking').getByText('needs a grant').waitFor();
    await page.row('broken').getByText('cannot run').waitFor();
    await page
      .row('broken')
      .getByText(/component/)
      .waitFor();
    await keepPicture(editor.page, 'runtime-copied-files');
    assert.deepEqual(await editor.accessibility(), []);
    await rm(pathOf('broken'));
    await page.row('broken').waitFor({ state: 'detached' });
    await editor.cancel();
  });

  it('is rid of a plugin by its button, after what goes with it was said', async () => {
    const page = await RuntimeFormPage.open(editor);
    const bundled = await page.unfold('dht22');
    assert.equal(await bundled.getByRole('button', { name: 'Remove…' }).isVisible(), false);
    await page.row('dht22').getByRole('button').click();
    const details = await page.unfold('listed');
    await details.getByRole('button', { name: 'Remove…' }).click();
    await details.getByText(`Remove ${pathOf('listed')}, and the tables of listed from host.toml?`).waitFor();
    await details.getByRole('button', { name: 'Remove listed' }).scrollIntoViewIfNeeded();
    await keepPicture(editor.page, 'runtime-remove');
    assert.deepEqual(await editor.accessibility(), []);
    assert.equal(await editor.isTooWide(), false);
    await details.getByRole('button', { name: 'Cancel' }).last().click();
    assert.equal(existsSync(pathOf('listed')), true, 'nothing was removed yet');
    await details.getByRole('button', { name: 'Remove…' }).click();
    await details.getByRole('button', { name: 'Remove listed' }).click();
    await page.row('listed').waitFor({ state: 'detached' });
    await editor.page
      .getByText(`${pathOf('listed')} was removed.`)
      .first()
      .waitFor();
    await keepPicture(editor.page, 'runtime-removed');
    assert.equal(existsSync(pathOf('listed')), false);
    assert.equal(hostToml(), STILL_WORLD);
    await nodeRed.untilStatus('poll', 'red ring not found (sim)');
    await editor.cancel();
  });

  it('says of a runtime that no node uses why it is not running', async () => {
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID)]);
    await editor.close();
    editor = await Editor.open(browser, nodeRed);
    const form = await editor.editConfig('wasi-runtime', RUNTIME_ID);
    await form.getByText('No node uses this runtime, so it is not running.').waitFor();
    await keepPicture(editor.page, 'runtime-idle');
  });

  it('leaves the editor without an error', () => assert.deepEqual(editor.errors, []));
});
