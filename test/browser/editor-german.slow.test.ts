/** The form of a runtime in German: every part of it, with no English left over and no key in place of a text. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { LANGUAGES } from '../nodes/editor-pages';
import { HOST_TOML, runtimeNode, STILL_WORLD, TAB, USER } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';
import { RUNTIME_ID, RuntimeFormPage } from './runtime-form';

const TABS = { 'en-US': ['Plugins', 'host.toml', 'General'], de: ['Plugins', 'host.toml', 'Allgemein'] } as const;
const ENGLISH = /\b(the|and|of|is|are|with|not|its|this|from|ready|settings|memory|calls)\b/i;
const KEY = /\beditor\.\w|node-red-wasi|__\w+__/;

describe('the form of a runtime', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({ linked: true, texts: { [HOST_TOML]: STILL_WORLD } });
    await nodeRed.deploy([TAB, runtimeNode(RUNTIME_ID), USER]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const language of LANGUAGES) {
    it(`is whole, in its language, and breaks no rule of accessibility in ${language}`, async () => {
      const editor = await Editor.open(browser, nodeRed, { language });
      try {
        const page = await RuntimeFormPage.open(editor);
        await page
          .row('pi_monitor')
          .getByText(language === 'de' ? 'bereit' : 'ready')
          .waitFor();
        const details = await page.unfold('pi_monitor');
        await details.getByRole('button', { name: language === 'de' ? 'Rechte…' : 'Grants…' }).click();
        for (const [index, name] of TABS[language].entries()) {
          await page.tab(name).click();
          await editor.page.waitForLoadState('networkidle');
          await keepPicture(editor.page, `runtime-${index + 1}-${language}`);
          assert.equal(await editor.isTooWide(), false, name);
          assert.deepEqual(await editor.accessibility(), [], name);
          const words = await wordsOf(page);
          assert.doesNotMatch(words, KEY);
          if (language === 'de') assert.doesNotMatch(words, ENGLISH);
        }
        assert.deepEqual(editor.errors, []);
      } finally {
        await editor.close();
      }
    });
  }
});

/** Of what the form says itself: paths, lines of host.toml and the code editor are no words of ours. */
function wordsOf(page: RuntimeFormPage): Promise<string> {
  return page.form.evaluate((form) => {
    const copy = form.cloneNode(true);
    if (!(copy instanceof Element)) return '';
    for (const part of copy.querySelectorAll('#edge-wasi-toml, code, pre, [hidden]')) part.remove();
    return (copy.textContent ?? '').replace(/\/[\w./-]+/g, '');
  });
}
