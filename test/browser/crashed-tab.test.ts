/**
 * A tab that ended while it showed a plugin's page: after a reload the page is off and Node-RED's log says so, until somebody
 * switches it on again. Everything else that ends a document is no crash.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CDPSession } from 'playwright-core';
import { until } from '../support/until';
import { keepPicture, noBrowser } from './chromium';
import { settingTable } from './page-plugins';
import { RealTabs, type RealTabsOptions } from './real-tabs';
import { LIMIT, type Look, SOON_MS, WatchedSite } from './watched-site';

const PAGE = '<!doctype html><html lang="en"><title>x</title><body><p>the page of the plugin</p>';
const NAMES = ['english', 'german', 'hidden', 'left', 'blocked'];
const TOML = NAMES.map((name) => settingTable(name, PAGE)).join('');
const NO_STORAGE: RealTabsOptions = { preferences: { profile: { default_content_setting_values: { cookies: 2 } } } };

let site: WatchedSite;

async function inBrowser(options: RealTabsOptions, work: (tabs: RealTabs) => Promise<void>): Promise<void> {
  const tabs = await RealTabs.open(options);
  try {
    await work(tabs);
  } finally {
    await tabs.close();
  }
}

const urlOf = (name: string): string => `${site.nodeRed.url}/${name}`;
const warningsOf = (name: string): number =>
  site.nodeRed.log.split(`plugin ${name}: a browser tab crashed while it showed the page at /${name}`).length - 1;

async function isShown(look: Look): Promise<void> {
  await look.sees('the page of the plugin');
  assert.equal(await look.page.locator('#crash').count(), 0);
}

/** Playwright gives a page up that crashed; what it is now is asked of the browser. */
class CrashedTab {
  private constructor(readonly session: CDPSession) {}

  static async of({ page }: Look): Promise<CrashedTab> {
    const session = await page.context().newCDPSession(page);
    const crashed = page.waitForEvent('crash', { timeout: SOON_MS });
    // It is not answered any more.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
    return new CrashedTab(session);
  }

  async reload(): Promise<void> {
    await this.session.send('Page.reload');
  }

  /** Until an element of that kind is there: its text. */
  async textOf(selector: string): Promise<string> {
    const text = await until(
      async () => {
        const found = await this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent`);
        return typeof found === 'string' && found;
      },
      selector,
      SOON_MS,
    );
    return text;
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.session.send('Runtime.evaluate', { expression });
    return result.value;
  }
}

describe('a tab that crashed while it showed the page of a plugin', { skip: noBrowser }, () => {
  before(async () => {
    site = await WatchedSite.ofPages(TOML, NAMES);
  }, LIMIT);
  after(() => site?.close());

  it('is reported on reload, and the page is off in this browser until it is switched on', LIMIT, () =>
    inBrowser({}, async (tabs) => {
      const look = await tabs.window(urlOf('english'));
      await isShown(look);
      const crashed = await CrashedTab.of(look);
      await crashed.reload();
      assert.equal(await crashed.textOf('#crash h2'), 'The page of plugin english is off');
      await until(async () => (await crashed.evaluate('document.readyState')) === 'complete');
      assert.equal(await crashed.evaluate("document.querySelectorAll('iframe, plaintext').length"), 0);
      await until(() => warningsOf('english') === 1, 'the warning');

      const beside = await tabs.window(urlOf('english'));
      await beside.page.locator('#crash h2').waitFor();
      await keepNotice(beside, 'page-crashed');
      assert.equal(beside.page.frames().length, 1);
      await beside.page.getByRole('button', { name: 'Show the page again' }).click();
      await isShown(beside);
      await beside.page.reload();
      await isShown(beside);
      assert.equal(warningsOf('english'), 1);
      assert.deepEqual(beside.errors, []);
    }),
  );

  it('is reported in German where the browser speaks it', LIMIT, () =>
    inBrowser({ args: ['--accept-lang=de-DE'] }, async (tabs) => {
      const look = await tabs.window(urlOf('german'));
      await isShown(look);
      const crashed = await CrashedTab.of(look);
      await crashed.reload();
      assert.equal(await crashed.textOf('#crash h2'), 'Die Seite des Plugins german ist abgeschaltet');
      assert.equal(await crashed.textOf('#crash button'), 'Seite wieder anzeigen');
      const beside = await tabs.window(urlOf('german'));
      await beside.page.locator('#crash h2').waitFor();
      await keepNotice(beside, 'page-crashed-german');
    }),
  );

  it('is not reported where it was hidden: browsers end such tabs by themselves', LIMIT, () =>
    inBrowser({}, async (tabs) => {
      const look = await tabs.tab(urlOf('hidden'));
      await isShown(look);
      const other = await tabs.tab('about:blank');
      await look.page.waitForFunction(() => document.visibilityState === 'hidden');
      const crashed = await CrashedTab.of(look);
      await other.page.close();
      await crashed.reload();
      await crashed.textOf('#state.live');
      assert.equal(warningsOf('hidden'), 0);
    }),
  );

  it('is not noticed, and the page is shown, where the browser keeps nothing', LIMIT, () =>
    inBrowser(NO_STORAGE, async (tabs) => {
      const look = await tabs.window(urlOf('blocked'));
      await isShown(look);
      const crashed = await CrashedTab.of(look);
      await crashed.reload();
      await crashed.textOf('#state.live');
      assert.equal(warningsOf('blocked'), 0);
    }),
  );

  it('is none that is reloaded, left, closed or beside another one', LIMIT, () =>
    inBrowser({}, async (tabs) => {
      const [one, other] = [await tabs.window(urlOf('left')), await tabs.window(urlOf('left'))];
      for (let round = 0; round < 10; round += 1) {
        await one.page.reload({ waitUntil: round % 2 === 0 ? 'commit' : 'load' });
        await other.page.reload();
      }
      await isShown(one);
      await one.page.goto(`${site.nodeRed.url}/favicon.ico`);
      await one.page.goto(urlOf('left'));
      await isShown(one);
      await one.page.reload();
      await isShown(one);
      await other.page.close();
      await one.page.reload();
      await isShown(one);
      const third = await tabs.window(urlOf('left'));
      await third.page.reload();
      await isShown(third);
      assert.equal(warningsOf('left'), 0);
    }),
  );

  it('is reported by its own page only: not by a request without its header, nor by GET', LIMIT, async () => {
    const before = warningsOf('left');
    assert.equal((await site.nodeRed.request('/left/page-crash', { method: 'POST' })).status, 403);
    assert.equal((await site.nodeRed.request('/left/page-crash')).status, 404);
    assert.equal(warningsOf('left'), before);
  });
});

async function keepNotice({ page }: Look, name: string): Promise<void> {
  await page.setViewportSize({ width: 800, height: 500 });
  await keepPicture(page, name);
}
