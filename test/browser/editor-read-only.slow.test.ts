/** An editor with logins: who may only look at a runtime is shown no button that would be refused, and is told why. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, runtimeNode, STILL_WORLD, TAB, USER } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { RUNTIME_ID, RuntimeFormPage } from './runtime-form';

/** bcrypt of "secret"; what it protects is a Node-RED of the tests. */
const SECRET = '$2b$08$deMkZdVhuShGziTNVli/luuytjbQSO0zqYOTe/JaIkf76fmkNuxh2';
const WRITING = /Reload|Disable|Enable|Grants|Save|choose a file/;

describe('a login that may only look', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  before(async () => {
    browser = await launchBrowser();
    const users = [
      { username: 'ann', password: SECRET, permissions: '*' },
      { username: 'bob', password: SECRET, permissions: 'read' },
    ];
    nodeRed = await NodeRed.start({
      linked: true,
      texts: {
        [HOST_TOML]: STILL_WORLD,
        'flows.json': JSON.stringify([TAB, runtimeNode(RUNTIME_ID), USER]),
      },
      settings: { adminAuth: { type: 'credentials', users } },
    });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  async function opened(user: string): Promise<RuntimeFormPage> {
    const editor = await Editor.open(browser, nodeRed, { login: { user, password: 'secret' } });
    const page = await RuntimeFormPage.open(editor);
    await page.row('dht22').getByText('ready').waitFor();
    await page.unfold('dht22');
    return page;
  }

  it('sees the plugins, no button that changes one, and why', async () => {
    const page = await opened('bob');
    await page.form.getByText('You may look at the runtime, but not change it').waitFor();
    await keepPicture(page.editor.page, 'runtime-read-only');
    assert.equal(await page.details('dht22').getByRole('button', { name: WRITING }).count(), 0);
    assert.equal(await page.form.getByRole('button', { name: 'choose a file…' }).isVisible(), false);
    await page.tab('host.toml').click();
    await page.form.getByText('Your login has no permission for this.').waitFor();
    assert.equal(await page.form.getByRole('button', { name: 'Save host.toml' }).isVisible(), false);
    await page.editor.close();
  });

  it('and one that may write sees them', async () => {
    const page = await opened('ann');
    const buttons = await page.details('dht22').getByRole('button', { name: WRITING }).allTextContents();
    assert.deepEqual(
      buttons.map((words) => words.trim()),
      ['Reload', 'Disable', 'Grants…'],
    );
    assert.equal(await page.form.getByRole('button', { name: 'choose a file…' }).isVisible(), true);
    await page.editor.close();
  });
});
