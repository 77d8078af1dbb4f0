/** host.toml in a runtime's form: marked where it is wrong, saved where nobody else changed it, kept where it is the node's. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, inlineRuntime, runtimeNode, STILL_WORLD, TAB, USER } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { RUNTIME_ID, RuntimeFormPage } from './runtime-form';

const WRONG = '[leds]\ncount = 3\nbrightness = 300\n';
/** Right, but for a key that nothing reads. */
const DOUBTFUL = '[leds]\ncount = 3\nbrightnes = 30\n';

describe('host.toml in a runtime’s form', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({ linked: true });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  const file = () => join(nodeRed.userDir, HOST_TOML);

  async function openSettings(): Promise<RuntimeFormPage> {
    editor = await Editor.open(browser, nodeRed);
    const page = await RuntimeFormPage.open(editor);
    await page.tab('host.toml').click();
    return page;
  }

  async function deployedFile(): Promise<RuntimeFormPage> {
    await nodeRed.deploy([]);
    writeFileSync(file(), STILL_WORLD);
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), USER]);
    const page = await openSettings();
    await page.form.locator('#edge-wasi-config-about').getByText(file()).waitFor();
    return page;
  }

  /** Requests to such an address wait until they are released; the form has one's answer then. */
  async function heldBack(address: string) {
    const held: (() => Promise<void>)[] = [];
    await editor.page.route(address, (route) => void held.push(() => route.continue()));
    return {
      async release() {
        const answered = editor.page.waitForResponse(address);
        await Promise.all(held.map((carryOn) => carryOn()));
        await editor.page.unroute(address);
        await (await answered).finished();
        await editor.page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
      },
    };
  }

  it('that is not there yet is made by saving it', async () => {
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), USER]);
    const page = await openSettings();
    await page.form.getByText(`${file()} does not exist yet`).waitFor();
    await page.type(STILL_WORLD);
    await page.form.getByRole('button', { name: 'Save host.toml' }).click();
    await page.form.getByText('Saved. It holds in a moment.').waitFor();
    assert.equal(readFileSync(file(), 'utf8'), STILL_WORLD);
    await editor.close();
  });

  it('is marked at the line that is wrong, and says in words what is, while it is typed', async () => {
    const page = await deployedFile();
    assert.equal(await page.toml(), STILL_WORLD);
    await page.form.getByText('No problems found.').waitFor();
    await page.type(WRONG);
    const problems = page.form.locator('#edge-wasi-problems');
    await problems.getByText(/leds\.brightness.*0 to 255.*300/).waitFor();
    const [mark, ...others] = await page.marks();
    assert.deepEqual([mark?.line, others], [3, []]);
    assert.match(mark?.text ?? '', /expected a whole number from 0 to 255, found 300/);
    await keepPicture(editor.page, 'runtime-host-toml');
    assert.equal(await editor.isTooWide(), false);
    await problems.getByRole('button', { name: 'Line 3:' }).click();
    assert.equal(await page.cursorLine(), 3);
    await page.form.getByRole('button', { name: 'Save host.toml' }).click();
    await page.form
      .locator('.edge-wasi-outcome.edge-wasi-bad')
      .getByText(/was not written/)
      .waitFor();
    assert.equal(readFileSync(file(), 'utf8'), STILL_WORLD);
    await page.type(DOUBTFUL);
    await problems
      .locator('.edge-wasi-warning')
      .getByText(/brightnes\b.*brightness/)
      .waitFor();
    assert.deepEqual(
      (await page.marks()).map(({ line }) => line),
      [3],
    );
    await editor.close();
  });

  it('is not saved over what somebody else wrote meanwhile', async () => {
    const page = await deployedFile();
    await page.type(`# mine\n${STILL_WORLD}`);
    writeFileSync(file(), `# theirs\n${STILL_WORLD}`);
    await page.form.getByRole('button', { name: 'Save host.toml' }).click();
    await page.form.getByText(/Somebody changed host\.toml since it was read/).waitFor();
    assert.match(readFileSync(file(), 'utf8'), /^# theirs/);
    assert.match(await page.toml(), /^# mine/);
    await page.form.getByRole('button', { name: 'Read it again' }).click();
    await nodeRed.until('the editor shows what they wrote', async () => (await page.toml()).startsWith('# theirs'));
    await editor.close();
  });

  it('is asked about where the form is closed without saving it', async () => {
    const page = await deployedFile();
    await page.type(`# asked\n${STILL_WORLD}`);
    await editor.done();
    const question = editor.page.locator('.red-ui-notification').filter({ hasText: 'not saved' });
    assert.equal(readFileSync(file(), 'utf8'), STILL_WORLD);
    await question.getByRole('button', { name: 'Save host.toml' }).click();
    await editor.page.locator('.red-ui-notification').getByText('Saved. It holds in a moment.').waitFor();
    assert.match(readFileSync(file(), 'utf8'), /^# asked/);
    await editor.close();
  });

  it('that the node keeps is changed in the editor, by the plugins’ buttons too, and holds after a deploy', async () => {
    await nodeRed.deploy([TAB, inlineRuntime(RUNTIME_ID), USER]);
    const page = await openSettings();
    await page.form.getByText('This text is a part of the node').waitFor();
    assert.equal(await page.toml(), STILL_WORLD);
    await page.tab('Plugins').click();
    await page.row('dht22').getByText('ready').waitFor();
    const details = await page.unfold('dht22');
    await details.getByRole('button', { name: 'Disable' }).click();
    await details.getByText('It holds after the next deploy').waitFor();
    assert.match(await page.toml(), /\[plugins\.dht22\]\nenabled = false/);
    await editor.done();
    await editor.deploy();
    const again = await RuntimeFormPage.open(editor);
    await again.row('dht22').getByText('disabled').waitFor();
    assert.deepEqual(editor.errors, []);
    await editor.close();
  });

  it('keeps what two buttons and a person change at once, where it is the node’s', async () => {
    await nodeRed.deploy([TAB, inlineRuntime(RUNTIME_ID), USER]);
    const page = await openSettings();
    await page.tab('Plugins').click();
    const answers = await heldBack('**/edge-wasi/config/edit');
    for (const plugin of ['dht22', 'bme680'])
      await (await page.unfold(plugin)).getByRole('button', { name: 'Disable' }).click();
    await page.type(`# mine\n${STILL_WORLD}`);
    await answers.release();
    for (const plugin of ['dht22', 'bme680'])
      await page.details(plugin).getByText('It holds after the next deploy').waitFor();
    const toml = await page.toml();
    for (const kept of [/^# mine\n/, /\[plugins\.dht22\]\nenabled = false/, /\[plugins\.bme680\]\nenabled = false/])
      assert.match(toml, kept);
    await editor.close();
  });

  it('is not read over what is typed while it is read, after a button changed it', async () => {
    const page = await deployedFile();
    await page.tab('Plugins').click();
    const answers = await heldBack(`**/edge-wasi/runtimes/${RUNTIME_ID}/config*`);
    await (await page.unfold('dht22')).getByRole('button', { name: 'Disable' }).click();
    await page.details('dht22').getByText(file()).waitFor();
    await page.type(`# mine\n${STILL_WORLD}`);
    await answers.release();
    assert.match(await page.toml(), /^# mine/);
    await editor.close();
  });

  it('can be written before the first deploy, as text of the node', async () => {
    await nodeRed.deploy([TAB]);
    editor = await Editor.open(browser, nodeRed);
    const page = await RuntimeFormPage.openNew(editor);
    const { form } = page;
    await form.getByRole('tab', { name: 'Plugins' }).click();
    await form.getByText('Deploy first to see its plugins.').waitFor();
    await form.getByRole('tab', { name: 'host.toml' }).click();
    await form.getByText('Deploy first to edit the file here.').waitFor();
    await form.getByLabel('Settings').selectOption('inline');
    await page.type(WRONG);
    await form
      .locator('#edge-wasi-problems')
      .getByText(/leds\.brightness/)
      .waitFor();
    await editor.close();
  });
});
