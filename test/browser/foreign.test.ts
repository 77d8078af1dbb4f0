/**
 * The page of a hostile dashboard plugin in a browser, beside Node-RED's editor of the same origin: each attack (attacks.ts)
 * does nothing in the shell of a dashboard node, and what it tries to do where nothing keeps it foreign.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { debugNode, type FlowNode, injectNode, inlineRuntime, onTab, TAB } from '../system/flow-nodes';
import { AttackedWindow, type Surroundings } from './attacked-window';
import { ATTACKS, TOOLS } from './attacks';
import { Canary } from './canary';
import { noBrowser } from './chromium';
import { settingPlugin, settingTable } from './page-plugins';
import { LIMIT, siteNode, WatchedSite } from './watched-site';

const SECRET = 'SECRET';

let site: WatchedSite;
let canary: Canary;
let around: Surroundings;

function filled(html: string): string {
  return (TOOLS + html)
    .replaceAll('$HTTP', `http://${canary.host}`)
    .replaceAll('$STUN', canary.stun)
    .replaceAll('$SELF', site.nodeRed.url);
}

/** The same HTML in a frame of the editor's origin, made of core nodes; `bar` is where the shell has its own. */
function controlNodes(name: string, html: string): FlowNode[] {
  const srcdoc = filled(html).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const template = `<!doctype html><title>control</title><body style="margin:0"><iframe srcdoc="${srcdoc}" style="width:100%;height:600px;border:0"></iframe><footer>bar</footer>`;
  return [
    onTab(`in-${name}`, 'http in', { url: `/control/${name}`, method: 'get' }, [`body-${name}`]),
    onTab(`body-${name}`, 'template', { field: 'payload', fieldType: 'msg', syntax: 'plain', template }, [
      `out-${name}`,
    ]),
    onTab(`out-${name}`, 'http response', { statusCode: '200', headers: { 'content-type': 'text/html' } }),
  ];
}

const nameOf = (index: number): string => `attack_${index}`;

async function attackedWindow(): Promise<AttackedWindow> {
  const context = await site.browser.newContext({ acceptDownloads: true });
  const page = await context.newPage();
  await page.goto(`${site.nodeRed.url}/favicon.ico`);
  await page.evaluate((secret) => {
    localStorage.setItem('auth-tokens', secret);
    // biome-ignore lint/suspicious/noDocumentCookie: what an old page does
    document.cookie = `session=${secret}`;
  }, SECRET);
  return new AttackedWindow(context, page, around);
}

describe('the page of a hostile plugin', { skip: noBrowser }, () => {
  before(async () => {
    canary = await Canary.open();
    site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    const { nodeRed } = site;
    around = { canary, origin: nodeRed.url, baits: () => nodeRed.comms.debugs('baited').length };
    const bytes = await settingPlugin();
    const pages = ATTACKS.map(({ html }, i) => [nameOf(i), html] as const);
    for (const [name] of pages) await site.addPlugin(name, bytes);
    const toml = pages.map(([name, html]) => settingTable(name, filled(html)));
    await nodeRed.deploy([
      TAB,
      inlineRuntime('runtime', toml.join('')),
      injectNode('bait', ['baited']),
      debugNode('baited'),
      siteNode('decoy', 'dashboard', '/decoy'),
      ...pages.map(([name]) => siteNode(`site-${name}`, name, `/${name}`)),
      ...ATTACKS.flatMap(({ html }, i) => controlNodes(nameOf(i), html)),
    ]);
    for (const [name] of pages) {
      await nodeRed.until(`${name} is served`, async () => (await nodeRed.request(`/${name}`)).ok);
    }
  }, LIMIT);
  after(async () => {
    await site?.close();
    await canary?.close();
  });

  for (const [i, { tries, control, clicked = false }] of ATTACKS.entries()) {
    it(`that tries ${tries} does nothing`, LIMIT, async () => {
      const window = await attackedWindow();
      const url = `${site.nodeRed.url}/${nameOf(i)}`;
      await window.settle(url, clicked);
      assert.deepEqual(await window.damage(url), []);
      assert.notEqual(await window.tried(), 0, 'the attack did not even try');
      await window.context.close();
    });

    it(`that tries ${tries} would do it in a frame that is not foreign`, LIMIT, async () => {
      const window = await attackedWindow();
      const url = `${site.nodeRed.url}/control/${nameOf(i)}`;
      await window.settle(url, clicked);
      assert.match((await window.damage(url)).join('; '), control);
      await window.context.close();
    });
  }
});
