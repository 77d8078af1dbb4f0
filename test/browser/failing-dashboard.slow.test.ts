/** Dashboard plugins that fail: a card in the frame says what to do, and the page is back once the plugin works. */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keepPicture, noBrowser } from './chromium';
import { brokenPlugin, longPlugin, pagePlugin } from './page-plugins';
import { LIMIT, siteFlow, siteNode, WatchedSite } from './watched-site';

const HEAD = '<!doctype html><html lang="en"><title>x</title><body><p id="mark">shown</p>';
/** Instructions of `render`. */
const BROKEN: Readonly<Record<string, string>> = {
  traps: '(unreachable)',
  spins: '(loop $again (br $again))',
  giant: `(drop (memory.grow (i32.const 40))) (memory.fill (i32.const 1024) (i32.const 120) (i32.const 2400000))
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 2400000))`,
  outside: '(i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 999999999))',
};
const LONG = `${HEAD}<p style="overflow-wrap:anywhere">`;

const TOML = [
  ...Object.keys(BROKEN).map((name) => `[plugins.${name}]\nenabled = true\n`),
  '[plugins.spins.limits]\ndeadline_ms = 1000\n[plugins.big]\nenabled = true\n',
].join('');
const NAMES = [...Object.keys(BROKEN), 'big'];

let site: WatchedSite;

async function replace(plugin: string, bytes: Uint8Array): Promise<void> {
  const file = join(site.nodeRed.userDir, 'wasi', 'plugins', `${plugin}.wasm`);
  await writeFile(`${file}.new`, bytes);
  await rename(`${file}.new`, file);
}

if (noBrowser === false) {
  before(async () => {
    site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    for (const [name, render] of Object.entries(BROKEN)) await site.addPlugin(name, await brokenPlugin(render));
    await site.addPlugin('big', await longPlugin(LONG, 'a'));
    await site.nodeRed.deploy(siteFlow(TOML, ...NAMES.map((name) => siteNode(`site-${name}`, name, `/${name}`))));
    await site.nodeRed.until('big is served', async () => (await site.nodeRed.request('/big')).ok);
  }, LIMIT);
  after(() => site?.close());
}

describe('a dashboard plugin that fails', { skip: noBrowser }, () => {
  const FAILURES: readonly (readonly [plugin: string, code: RegExp, words: RegExp])[] = [
    ['traps', /PLUGIN_(?:TRAPPED|BACKOFF)/, /traps/],
    ['spins', /PLUGIN_(?:DEADLINE|BACKOFF)/, /spins/],
    // Longer than 2 MiB, and a text that lies outside of its memory.
    ['giant', /PLUGIN_(?:ERROR|TRAPPED|BACKOFF)/, /giant/],
    ['outside', /PLUGIN_(?:TRAPPED|BACKOFF)/, /outside/],
  ];
  for (const [plugin, code, words] of FAILURES) {
    it(
      `because it ${plugin} is a card that says so, and its page is there by itself once it works`,
      LIMIT,
      async () => {
        const look = await site.look(`/${plugin}`, { colorScheme: plugin === 'spins' ? 'dark' : 'light' });
        await look.isConnected();
        await look.sees(code);
        await look.sees(words);
        await look.sees(/comes back by itself/);
        await keepPicture(look.page, `live-error-${plugin}`);
        await replace(plugin, await pagePlugin(`${HEAD}<p>${plugin} works</p>`));
        await look.sees(`${plugin} works`);
        assert.equal((await site.nodeRed.request(`/${plugin}`)).status, 200);
        await look.close();
      },
    );
  }

  it('because nobody knows it is a card that says so', LIMIT, async () => {
    await site.nodeRed.deploy(
      siteFlow(
        TOML,
        ...NAMES.map((name) => siteNode(`site-${name}`, name, `/${name}`)),
        siteNode('no', 'nobody', '/no'),
      ),
    );
    const look = await site.look('/no', { viewport: { width: 390, height: 700 } });
    await look.sees(/PLUGIN_NOT_FOUND/);
    await keepPicture(look.page, 'live-error-phone');
    await look.close();
  });
});

describe('a page', { skip: noBrowser }, () => {
  it('of more than an event holds: it is fetched', LIMIT, async () => {
    const look = await site.look('/big');
    await look.isConnected();
    await look.sees('aaaa');
    await replace('big', await longPlugin(LONG, 'b'));
    await look.sees('bbbb');
    await look.close();
  });
});
