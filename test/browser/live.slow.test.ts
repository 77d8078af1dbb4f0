/** The page of a dashboard node in a browser: it follows the sensors without being loaded again, and says when it cannot. */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keepPicture, noBrowser } from './chromium';
import { Front } from './front';
import { DATA, pagePlugin } from './page-plugins';
import { LIMIT, siteFlow, siteNode, WatchedSite } from './watched-site';

const FORM = `<!doctype html><html lang="en"><head><title>Form</title><style>body{margin:0}</style></head><body>
<h1>Form</h1><label>Filter <input id="filter" value=""></label> <label>Level <select id="level"><option>all</option>
<option>errors</option></select></label> <details id="more"><summary>More</summary><p>more</p></details>
<pre id="data" style="height:3rem;overflow:hidden">${DATA}</pre><div style="height:5000px"></div><p id="end">end</p>
<script>window.runs=(window.runs||0)+1;window.updates=0;document.addEventListener('wasi-update',()=>window.updates++)</script>
</body></html>`;
const TOML = '[plugins.form]\nenabled = true\n[plugins.changing]\nenabled = true\n';

const FLOW = siteFlow(
  TOML,
  siteNode('site', 'dashboard', '/wasi', { name: 'Boiler room' }),
  siteNode('form-site', 'form', '/form'),
  siteNode('changing-site', 'changing', '/a b/wäsi'),
);

let site: WatchedSite;

describe('the live page', { skip: noBrowser }, () => {
  before(async () => {
    site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    await site.addPlugin('form', await pagePlugin(FORM));
    await site.addPlugin('changing', await pagePlugin('<!doctype html><title>v</title><p>version 1</p>'));
    await site.nodeRed.deploy(FLOW);
    await site.nodeRed.until('the page is there', async () => (await site.nodeRed.request('/wasi')).ok);
    await site.nodeRed.until('the form is there', async () => (await site.nodeRed.request('/form')).ok);
  }, LIMIT);
  after(() => site?.close());

  it('shows a poll without being loaded again', LIMIT, async () => {
    const shown = await site.look('/wasi');
    const { page } = shown;
    await shown.isConnected();
    assert.equal(await page.title(), 'Boiler room');
    await page.evaluate(() => Reflect.set(window, 'mark', 'here'));
    await site.nodeRed.inject('go');
    await shown.sees(/21\.5/);
    assert.equal(await page.evaluate(() => Reflect.get(window, 'mark')), 'here');
    assert.deepEqual(shown.errors, []);
    await keepPicture(page, 'live-online-desktop');
    await shown.close();
  });

  it('keeps scroll position, typed text, choice, focus and what was opened; its script runs once', LIMIT, async () => {
    const shown = await site.look('/form');
    await shown.isConnected();
    await shown.plugin.locator('#level').selectOption('errors');
    await shown.plugin.locator('summary').click();
    await shown.plugin.locator('#filter').pressSequentially('boil');
    await shown.inFrame(() => window.scrollTo(0, 700));
    const before = await shown.inFrame(() => document.querySelector('#data')?.textContent);
    await site.nodeRed.inject('go');
    await site.nodeRed.until('the data changed', async () => {
      return (await shown.inFrame(() => document.querySelector('#data')?.textContent)) !== before;
    });
    await site.nodeRed.until('the script was told', () => shown.inFrame(() => Reflect.get(window, 'updates') > 0));
    const kept = await shown.inFrame(() => ({
      scroll: window.scrollY,
      typed: document.querySelector<HTMLInputElement>('#filter')?.value,
      chosen: document.querySelector<HTMLSelectElement>('#level')?.value,
      open: document.querySelector<HTMLDetailsElement>('#more')?.open,
      focus: document.activeElement?.id,
      runs: Reflect.get(window, 'runs'),
    }));
    assert.deepEqual(kept, { scroll: 700, typed: 'boil', chosen: 'errors', open: true, focus: 'filter', runs: 1 });
    await shown.close();
  });

  it('is at a path with spaces and umlauts, and shows a plugin that is replaced while it runs', LIMIT, async () => {
    for (const path of ['/a b/wäsi', '/a b/wäsi/']) {
      const shown = await site.look(path);
      await shown.isConnected();
      await shown.sees(/version/);
      await shown.close();
    }
    const shown = await site.look('/a b/wäsi');
    await shown.isConnected();
    const file = join(site.nodeRed.userDir, 'wasi', 'plugins', 'changing.wasm');
    const next = await pagePlugin('<!doctype html><title>v</title><p>version 2</p><script>window.second=1</script>');
    await writeFile(`${file}.new`, next);
    await rename(`${file}.new`, file);
    await shown.sees(/version 2/);
    await site.nodeRed.until('its new script runs', () => shown.inFrame(() => Reflect.get(window, 'second') === 1));
    await shown.close();
  });

  it('works behind a proxy that takes a prefix away', LIMIT, async () => {
    const front = await Front.open(site.nodeRed.url, '/plant 7/red'.replace(' ', '%20'));
    try {
      const shown = await site.look('/wasi', {}, front.url);
      await shown.isConnected();
      const history = await shown.page.locator('#history').evaluate((link: HTMLAnchorElement) => link.href);
      assert.equal(history, `${front.url}/wasi/api/history.csv`);
      await shown.close();
    } finally {
      await front.close();
    }
  });

  it('says once when the connection is gone, keeps the last picture, and goes on when it is back', LIMIT, async () => {
    const front = await Front.open(site.nodeRed.url);
    try {
      const shown = await site.look('/wasi', { viewport: { width: 390, height: 700 }, colorScheme: 'dark' }, front.url);
      await shown.isConnected();
      await shown.sees(/21\.5/);
      await keepPicture(shown.page, 'live-online-phone-dark');
      front.state = { kind: 'cut' };
      await shown.hasBanner(/^No connection to Node-RED since \d\d:\d\d\. What you see is what was known then\.$/);
      await shown.sees(/21\.5/);
      await keepPicture(shown.page, 'live-offline-phone-dark');
      assert.equal(await shown.page.getByRole('alert').count(), 1);
      front.state = { kind: 'answers', status: 502 };
      front.state = { kind: 'open' };
      await shown.isConnected();
      await shown.hasNoBanner();
      await shown.close();
    } finally {
      await front.close();
    }
  });

  it('says that a login is asked for', LIMIT, async () => {
    const front = await Front.open(site.nodeRed.url);
    try {
      const shown = await site.look('/wasi', {}, front.url);
      await shown.isConnected();
      front.state = { kind: 'answers', status: 401 };
      await shown.hasBanner(/Node-RED asks for a login since \d\d:\d\d: reload this page to sign in\./);
      await keepPicture(shown.page, 'live-login-desktop');
      front.state = { kind: 'open' };
      await shown.isConnected();
      await shown.hasNoBanner();
      await shown.close();
    } finally {
      await front.close();
    }
  });

  it('notices a Node-RED that fell asleep, with the connection still open', LIMIT, async () => {
    const shown = await site.look('/wasi');
    await shown.isConnected();
    site.nodeRed.child.kill('SIGSTOP');
    try {
      await shown.hasBanner(/No connection to Node-RED/);
      await keepPicture(shown.page, 'live-offline-desktop');
    } finally {
      site.nodeRed.child.kill('SIGCONT');
    }
    await shown.isConnected();
    await shown.hasNoBanner();
    await shown.close();
  });

  it('goes on after a deploy and after Node-RED was started anew, without a reload', LIMIT, async () => {
    const shown = await site.look('/wasi');
    await shown.isConnected();
    await shown.page.evaluate(() => Reflect.set(window, 'mark', 'here'));
    const polled = async () => {
      await site.nodeRed.inject('go');
      await shown.sees(/21\.5/);
      await shown.isConnected();
    };
    await site.nodeRed.deploy(FLOW);
    await polled();
    await site.nodeRed.restart();
    await polled();
    assert.equal(await shown.page.evaluate(() => Reflect.get(window, 'mark')), 'here');
    await shown.close();
  });

  it('loads itself again once the package is another one', LIMIT, async () => {
    const shown = await site.look('/wasi');
    await shown.isConnected();
    await shown.page.evaluate(() => Reflect.set(window, 'mark', 'here'));
    const renamed = FLOW.map((node) => (node.id === 'site' ? { ...node, name: 'Other room' } : node));
    await site.nodeRed.deploy(renamed);
    await shown.page.waitForFunction(() => document.title === 'Other room');
    assert.equal(await shown.page.evaluate(() => Reflect.get(window, 'mark')), undefined);
    await site.nodeRed.deploy(FLOW);
    await shown.close();
  });

  it('is there without scripts', LIMIT, async () => {
    const shown = await site.look('/wasi', { javaScriptEnabled: false });
    await shown.plugin.locator('h1').waitFor();
    await keepPicture(shown.page, 'live-no-scripts');
    await shown.close();
  });
});
