/** Shell, banner, cards and the plugin's page for those who see little or nothing: axe-core finds no fault in them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Frame } from 'playwright-core';
import { REPOSITORY } from '../wasm/components';
import { keepPicture, noBrowser } from './chromium';
import { Front } from './front';
import { LIMIT, type Look, siteFlow, siteNode, WatchedSite } from './watched-site';

const AXE = readFileSync(join(REPOSITORY, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
const SCHEMES = ['light', 'dark'] as const;
const SIZES = [
  { name: 'phone', viewport: { width: 360, height: 640 } },
  { name: 'desktop', viewport: { width: 1280, height: 800 } },
] as const;

let site: WatchedSite;

/** What it finds in one document, as "rule: element"; the frame is a document of its own and asked for itself. */
async function faultsIn(frame: Frame): Promise<string[]> {
  await frame.evaluate(AXE);
  const found = await frame.evaluate(async (): Promise<AxeResults> => {
    const options: RunOptions = { iframes: false };
    return Reflect.get(window, 'axe').run(document, options);
  });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

async function hasNoFault(look: Look): Promise<void> {
  for (const frame of look.page.frames()) assert.deepEqual(await faultsIn(frame), []);
}

describe('the live page', { skip: noBrowser }, () => {
  before(async () => {
    site = await WatchedSite.open();
    await site.nodeRed.deploy(siteFlow('', siteNode('site', 'dashboard', '/wasi'), siteNode('no', 'nobody', '/no')));
    await site.nodeRed.until('the page is there', async () => (await site.nodeRed.request('/wasi')).ok);
    await site.nodeRed.inject('go');
  }, LIMIT);
  after(() => site?.close());

  for (const colorScheme of SCHEMES) {
    for (const { name, viewport } of SIZES) {
      it(`has no fault: ${name}, ${colorScheme}`, LIMIT, async () => {
        const front = await Front.open(site.nodeRed.url);
        try {
          const look = await site.look('/wasi', { colorScheme, viewport }, front.url);
          await look.isConnected();
          await look.sees(/21\.5/);
          await hasNoFault(look);
          await keepPicture(look.page, `live-${name}-${colorScheme}`);
          front.state = { kind: 'cut' };
          await look.hasBanner(/No connection/);
          await hasNoFault(look);
          await keepPicture(look.page, `live-${name}-${colorScheme}-offline`);
          await look.close();
        } finally {
          await front.close();
        }
      });
    }

    it(`has no fault where the plugin fails: ${colorScheme}`, LIMIT, async () => {
      const look = await site.look('/no', { colorScheme });
      await look.isConnected();
      await look.sees(/PLUGIN_NOT_FOUND/);
      await hasNoFault(look);
      await keepPicture(look.page, `live-error-${colorScheme}`);
      await look.close();
    });
  }

  it('has its link within reach of the Tab key, behind the page', LIMIT, async () => {
    const look = await site.look('/wasi');
    await look.isConnected();
    const focused = async () => {
      await look.page.keyboard.press('Tab');
      return look.page.evaluate(() => document.activeElement?.id);
    };
    await site.nodeRed.until('the link has the focus', async () => (await focused()) === 'history');
    await look.close();
  });
});
