/** The table of plugins in a runtime's form: as the runtime is now, and what its buttons do to a runtime that runs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, injectNode, pollNode, runtimeNode, STILL_WORLD, TAB } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { fixture } from '../wasm/components';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { RUNTIME_ID, RuntimeFormPage } from './runtime-form';

const REFRESHES_MS = 5_000;
/** A component that was never seen before is translated first. */
const LOAD_LIMIT_MS = 90_000;

describe('the plugins in a runtime’s form', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  let page: RuntimeFormPage;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({
      linked: true,
      texts: { [HOST_TOML]: `${STILL_WORLD}[plugins.i2c_reader]\nenabled = true\n` },
      copies: { 'wasi/plugins/i2c_reader.wasm': fixture('i2c_reader') },
    });
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), injectNode('go', ['poll']), pollNode('poll', 'dht22', [])]);
    await nodeRed.untilStatus('poll', /green/);
    editor = await Editor.open(browser, nodeRed);
    page = await RuntimeFormPage.open(editor);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  const hostToml = () => readFileSync(join(nodeRed.userDir, HOST_TOML), 'utf8');

  it('are all there, with what they are and what they ask for', async () => {
    for (const plugin of ['dht22', 'bme680', 'pi_monitor', 'dashboard'])
      await page.row(plugin).getByText('ready').waitFor();
    await page.row('i2c_reader').getByText('not granted').waitFor();
    const details = await page.unfold('pi_monitor');
    await details.getByText('Sensor, comes with the package').waitFor();
    await details.getByText('reads temperature, memory and load of this machine').waitFor();
    await details.getByText('system_info = true').waitFor();
    const denied = await page.unfold('i2c_reader');
    await denied.getByText('talks to devices on the I²C bus').waitFor();
    await denied.locator('.edge-wasi-badge').getByText('not granted').waitFor();
    await denied
      .locator('dd.edge-wasi-error')
      .getByText(/^not granted: .*i2c/)
      .waitFor();
    assert.equal(await editor.isTooWide(), false);
    assert.deepEqual(await editor.accessibility(), []);
    await keepPicture(editor.page, 'runtime-plugins');
  });

  it('show what happens while the form is open, and nothing else in it moves', async () => {
    await editor.page.evaluate(`(() => {
      window.touched = 0;
      const still = document.querySelectorAll('tr[data-plugin="bme680"], #edge-wasi-plugin-bme680');
      const seen = new MutationObserver((changes) => { window.touched += changes.length; });
      for (const row of still) seen.observe(row, { attributes: true, characterData: true, childList: true, subtree: true });
    })()`);
    const calls = page.row('dht22').locator('td').nth(1);
    await calls.getByText('–').waitFor();
    await nodeRed.inject('go');
    await calls.getByText(/^[\d.]+ m?s$/).waitFor();
    await editor.page.waitForTimeout(REFRESHES_MS);
    assert.equal(await editor.page.evaluate('window.touched'), 0);
  });

  it('are reloaded without a deploy, and say so', async () => {
    const details = await page.unfold('dht22');
    await details.getByText(/^1, of which failed: 0/).waitFor();
    await details.getByRole('button', { name: 'Reload' }).click();
    await details.getByText('A fresh instance is on its way.').waitFor();
    await page.row('dht22').getByText('ready').waitFor();
    await nodeRed.inject('go');
    await details.getByText(/^2, of which failed: 0/).waitFor();
  });

  it('are disabled and enabled, by a line of host.toml', async () => {
    const details = page.details('dht22');
    await details.getByRole('button', { name: 'Disable' }).click();
    await details.getByText(/^Written to .*host\.toml/).waitFor();
    await page.row('dht22').getByText('disabled').waitFor();
    assert.match(hostToml(), /\[plugins\.dht22\]\nenabled = false/);
    await nodeRed.untilStatus('poll', 'grey ring disabled (sim)');
    await details.getByRole('button', { name: 'Enable' }).click();
    await page.row('dht22').getByText('ready').waitFor();
    assert.match(hostToml(), /\[plugins\.dht22\]\nenabled = true/);
    await nodeRed.untilStatus('poll', /green/);
  });

  it('are granted what they ask for, by lines that are shown and can be changed before', async () => {
    const details = page.details('i2c_reader');
    await details.getByRole('button', { name: 'Grants…' }).click();
    const lines = details.getByLabel('Grants of i2c_reader in host.toml');
    assert.equal(await lines.inputValue(), 'i2c = ["0x76"]');
    await lines.fill('i2c = ["0x77"]');
    assert.doesNotMatch(hostToml(), /0x77/);
    await keepPicture(editor.page, 'runtime-grants');
    await details.getByRole('button', { name: 'Write to host.toml' }).click();
    await details.getByText(/^Written to .*host\.toml/).waitFor();
    assert.match(hostToml(), /\[plugins\.i2c_reader\.grants\]\ni2c = \["0x77"\]/);
    await page.row('i2c_reader').getByText('ready').waitFor({ timeout: LOAD_LIMIT_MS });
    await details.locator('.edge-wasi-badge').getByText('granted', { exact: true }).waitFor();
  });

  it('say what is wrong with lines that are no grants, and write nothing', async () => {
    const details = page.details('i2c_reader');
    await details.getByLabel('Grants of i2c_reader in host.toml').fill('i2c = 3');
    await details.getByRole('button', { name: 'Write to host.toml' }).click();
    await details
      .locator('.edge-wasi-bad')
      .getByText(/^wrong setting: .*i2c/)
      .first()
      .waitFor();
    assert.match(hostToml(), /i2c = \["0x77"\]/);
  });

  it('leave the editor without an error', () => assert.deepEqual(editor.errors, []));
});
