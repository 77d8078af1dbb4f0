/** The guided first run, walked in a browser from an empty editor to its end, in both languages; and when it is offered. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { runtimeNode } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { REPOSITORY } from '../wasm/components';
import { keepPicture, launchBrowser, noBrowser } from './chromium';

interface Text {
  readonly title: string;
  readonly description: string;
}

type Texts = Readonly<Record<string, Text>>;

const VIEWPORT = { width: 1280, height: 800 };
const LIMIT_MS = 20_000;
const ACTION = 'edge-wasi:take-the-tour';

async function textsOf(language: string): Promise<Texts> {
  const file = join(REPOSITORY, 'resources', 'tour', `${language}.mjs`);
  const module: { readonly default: Texts } = await import(pathToFileURL(file).href);
  return module.default;
}

class Editor {
  /** What the tour did not find. */
  readonly missing: string[] = [];
  readonly errors: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.text().startsWith('the tour')) this.missing.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, language: string): Promise<Editor> {
    const page = await browser.newPage({ viewport: VIEWPORT, locale: language });
    await page.addInitScript(`localStorage.setItem('editor-language', '${language}')`);
    const editor = new Editor(page);
    await page.goto(url);
    await page.locator('.red-ui-palette-node[data-palette-type="hardware-sim"]').waitFor({ state: 'attached' });
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    return editor;
  }

  invoke(action: string): Promise<unknown> {
    return this.page.evaluate(`RED.actions.invoke('${action}')`);
  }

  get step() {
    return this.page.locator('.red-ui-tourGuide-popover');
  }

  /** Waits for the step that says so; the number shown beside it, "3/13". */
  async untilStep({ title }: Text): Promise<string> {
    await this.step.locator('h2', { hasText: title }).last().waitFor();
    return (await this.step.locator('.red-ui-tourGuide-toolbar small').textContent()) ?? '';
  }

  async next(): Promise<void> {
    await this.step.locator('.red-ui-tourGuide-toolbar button').click();
  }

  notifications() {
    return this.page.locator('.red-ui-notification', { hasText: 'WASI' });
  }

  addRuntime(id: string): Promise<unknown> {
    return this.page.evaluate(
      `RED.nodes.import([{ id: '${id}', type: 'wasi-runtime', name: '${id}', configSource: 'file', hardware: 'simulated' }])`,
    );
  }
}

describe('the guided first run', { skip: noBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const language of ['en-US', 'de']) {
    it(`leads from an empty editor to a plugin of one's own, ${language}`, async () => {
      const nodeRed = await NodeRed.start({ linked: true, settings: { lang: language } });
      try {
        const texts = await textsOf(language);
        const names = Object.keys(texts);
        const editor = await Editor.open(browser, nodeRed.url, language);
        await editor.invoke(ACTION);
        for (const [at, name] of names.entries()) {
          const text = texts[name];
          assert.ok(text !== undefined);
          assert.equal(await editor.untilStep(text), `${at + 1}/${names.length}`);
          await keepPicture(editor.page, `tour-${language}-${at + 1}-${name}`);
          if (name === 'deploy') await editor.page.locator('#red-ui-header-button-deploy').click();
          else await editor.next();
        }
        await editor.step.waitFor({ state: 'detached' });
        assert.deepEqual([editor.missing, editor.errors], [[], []]);
        assert.equal((await nodeRed.request('/heat')).status, 200, 'the example runs');
        assert.equal(await editor.notifications().count(), 0, 'who takes the tour is not offered it');
        await editor.page.close();
      } finally {
        await nodeRed.stop();
      }
    });
  }

  it('has the same steps in both languages', async () => {
    const [english, german] = await Promise.all(['en-US', 'de'].map(textsOf));
    assert.deepEqual(Object.keys(german ?? {}), Object.keys(english ?? {}));
  });

  it('is in the action list, and ends at any step with Escape', async () => {
    const nodeRed = await NodeRed.start({ linked: true });
    try {
      const editor = await Editor.open(browser, nodeRed.url, 'en-US');
      await editor.invoke('core:show-action-list');
      await editor.page.keyboard.type('take the tour');
      await editor.page.locator('#red-ui-actionList', { hasText: 'WASI: take the tour' }).waitFor();
      await keepPicture(editor.page, 'tour-action-list');
      await editor.page.keyboard.press('Escape');
      await editor.invoke(ACTION);
      await editor.step.waitFor();
      await editor.page.keyboard.press('Escape');
      await editor.step.waitFor({ state: 'detached' });
      await editor.invoke(ACTION);
      await editor.step.waitFor();
    } finally {
      await nodeRed.stop();
    }
  });

  it('is offered once, when the first runtime is added, and can be put off', async () => {
    const nodeRed = await NodeRed.start({ linked: true, settings: { editorTheme: { tours: true } } });
    try {
      await nodeRed.deploy([runtimeNode('zero')]);
      const editor = await Editor.open(browser, nodeRed.url, 'en-US');
      // Node-RED's own welcome comes first.
      await editor.step.waitFor();
      await editor.page.keyboard.press('Escape');
      await editor.step.waitFor({ state: 'detached' });
      assert.equal(await editor.notifications().count(), 0, 'a runtime that was there is not added');
      await editor.addRuntime('one');
      await editor.notifications().waitFor();
      await keepPicture(editor.page, 'tour-offer');
      await editor.page.getByRole('button', { name: 'Not now' }).click();
      await editor.notifications().waitFor({ state: 'detached' });
      await editor.addRuntime('two');
      assert.equal(await editor.notifications().count(), 0);
      await editor.page.evaluate("localStorage.removeItem('edge-wasi.tour-offered')");
      await editor.addRuntime('three');
      await editor.page.getByRole('button', { name: 'Take the tour' }).click();
      await editor.step.waitFor();
    } finally {
      await nodeRed.stop();
    }
  });

  it('is never offered where tours are turned off', async () => {
    const nodeRed = await NodeRed.start({ linked: true, settings: { editorTheme: { tours: false } } });
    try {
      const editor = await Editor.open(browser, nodeRed.url, 'en-US');
      await editor.addRuntime('one');
      assert.equal(await editor.notifications().count(), 0);
    } finally {
      await nodeRed.stop();
    }
  });
});
