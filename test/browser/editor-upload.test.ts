/** Adding a plugin by a runtime's form: what it asks for is seen before anything is installed, and what is no plugin is not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, runtimeNode, STILL_WORLD, TAB, USER } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { fixture } from '../wasm/components';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { RUNTIME_ID, RuntimeFormPage } from './runtime-form';

/** 18 MB over the loopback, a look, and the translation of a component that was never seen before. */
const LOAD_LIMIT_MS = 90_000;
/** A core module: the eight bytes that every WebAssembly begins with, and nothing more. */
const CORE_MODULE = {
  name: 'clock.wasm',
  mimeType: 'application/wasm',
  buffer: Buffer.from('\0asm\x01\0\0\0', 'latin1'),
};
const NOTES = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('buy milk') };

describe('adding a plugin in a runtime’s form', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  let page: RuntimeFormPage;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({ linked: true, texts: { [HOST_TOML]: STILL_WORLD } });
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), USER]);
    editor = await Editor.open(browser, nodeRed);
    page = await RuntimeFormPage.open(editor);
    await page.row('dashboard').getByText('ready').waitFor();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  const installed = () => existsSync(join(nodeRed.userDir, 'wasi', 'plugins', 'i2c_reader.wasm'));
  const hostToml = () => readFileSync(join(nodeRed.userDir, HOST_TOML), 'utf8');

  /** As a person drags it from the desktop onto the form. */
  async function drop(path: string): Promise<void> {
    await editor.page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<input type="file" id="desktop">')`);
    await editor.page.locator('#desktop').setInputFiles(path);
    await editor.page.evaluate(`(() => {
      const desktop = document.getElementById('desktop');
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(desktop.files[0]);
      desktop.remove();
      const zone = document.querySelector('.edge-wasi-drop');
      for (const kind of ['dragenter', 'dragover', 'drop']) {
        zone.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      }
    })()`);
  }

  it('refuses what is no plugin, in words, and takes the next one', async () => {
    const chooser = page.form.locator('.edge-wasi-drop input');
    await chooser.setInputFiles(NOTES);
    await page.form.getByText('notes.txt is no .wasm file').waitFor();
    await chooser.setInputFiles(CORE_MODULE);
    await page.form.getByText(/^invalid: .*core WebAssembly module, not a component/).waitFor();
    await keepPicture(editor.page, 'runtime-upload-refused');
    assert.equal(await page.form.getByText('choose a file…').isVisible(), true);
  });

  it('shows what a dropped one asks for while nothing is installed, and installs nothing that is discarded', async () => {
    await drop(fixture('i2c_reader'));
    const preview = page.form.locator('#edge-wasi-preview');
    await preview.waitFor({ timeout: LOAD_LIMIT_MS });
    await preview.getByText('talks to devices on the I²C bus').waitFor();
    await preview.getByText('Nothing is installed yet. It will be a new plugin.').waitFor();
    assert.equal(await preview.getByLabel('Line of host.toml').inputValue(), 'i2c = ["0x76"]');
    assert.deepEqual(await editor.accessibility(), []);
    await preview.scrollIntoViewIfNeeded();
    await keepPicture(editor.page, 'runtime-upload');
    await preview.getByRole('button', { name: 'Discard' }).click();
    await page.form.getByText('Nothing was installed.').waitFor();
    assert.equal(installed(), false);
    assert.equal(hostToml(), STILL_WORLD);
  });

  it('installs it with the grants as they were changed, and it runs without a deploy', async () => {
    await drop(fixture('i2c_reader'));
    const preview = page.form.locator('#edge-wasi-preview');
    await preview.waitFor({ timeout: LOAD_LIMIT_MS });
    await preview.getByLabel('Line of host.toml').fill('i2c = ["0x77"]');
    await preview.getByRole('button', { name: 'Install' }).click();
    await page.form.getByText(/^Installed as .*i2c_reader\.wasm/).waitFor();
    assert.equal(installed(), true);
    assert.match(hostToml(), /\[plugins\.i2c_reader\.grants\]\ni2c = \["0x77"\]/);
    await page.row('i2c_reader').getByText('ready').waitFor({ timeout: LOAD_LIMIT_MS });
    assert.deepEqual(editor.errors, []);
  });
});
