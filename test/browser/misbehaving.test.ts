/**
 * Dashboard plugins that fail, flood or hang, hostile or not: what a user sees then. A failure is a card in the frame that
 * says what to do, and the page is back once the plugin is; whatever the frame does, the shell goes on.
 */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keepPicture, noBrowser } from './chromium';
import { Front } from './front';
import { brokenPlugin, longPlugin, pagePlugin, settingPlugin, settingTable } from './page-plugins';
import { LIMIT, type Look, siteFlow, siteNode, WatchedSite } from './watched-site';

const HEAD = '<!doctype html><html lang="en"><title>x</title><body><p id="mark">shown</p>';
const PAGES: Readonly<Record<string, string>> = {
  flood: `${HEAD}<script>let n=0;setInterval(()=>{for(let i=0;i<200;i++)
    parent.postMessage(['ready','other-scripts','shown',{kind:'page',html:'x',a:new Array(1000).fill(n++)},null][i%5],'*')},1)</script>`,
  huge: `${HEAD}<script>const rows=[];for(let i=0;i<50000;i++)rows.push('<p id=r'+i+'><b>row</b></p>');
    document.body.insertAdjacentHTML('beforeend',rows.join(''))</script>`,
  loop: `${HEAD}<script>setTimeout(()=>{for(;;);},300)</script>`,
  gone: `${HEAD}<script>setTimeout(()=>{location='http://127.0.0.1:9/'},300)</script>`,
};

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
  ...Object.entries(PAGES).map(([name, page]) => settingTable(name, page)),
  ...Object.keys(BROKEN).map((name) => `[plugins.${name}]\nenabled = true\n`),
  '[plugins.spins.limits]\ndeadline_ms = 1000\n[plugins.big]\nenabled = true\n',
].join('');
const NAMES = [...Object.keys(PAGES), ...Object.keys(BROKEN), 'big'];

let site: WatchedSite;

async function replace(plugin: string, bytes: Uint8Array): Promise<void> {
  const file = join(site.nodeRed.userDir, 'wasi', 'plugins', `${plugin}.wasm`);
  await writeFile(`${file}.new`, bytes);
  await rename(`${file}.new`, file);
}

/** The shell takes clicks, its bar is as it was, and it still notices that the connection is gone. */
async function goesOn(path: string, meanwhile: (look: Look) => Promise<void> = async () => undefined): Promise<void> {
  const front = await Front.open(site.nodeRed.url);
  try {
    const look = await site.look(path, {}, front.url);
    await look.isConnected();
    await meanwhile(look);
    front.state = { kind: 'cut' };
    await look.hasBanner(/No connection to Node-RED/);
    front.state = { kind: 'open' };
    await look.isConnected();
    await look.hasNoBanner();
    assert.equal(await look.page.locator('#history').textContent(), 'History (CSV)');
    await look.close();
  } finally {
    await front.close();
  }
}

if (noBrowser === false) {
  before(async () => {
    site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    const fromSetting = await settingPlugin();
    for (const name of Object.keys(PAGES)) await site.addPlugin(name, fromSetting);
    for (const [name, render] of Object.entries(BROKEN)) await site.addPlugin(name, await brokenPlugin(render));
    await site.addPlugin('big', await longPlugin(LONG, 'a'));
    await site.nodeRed.deploy(siteFlow(TOML, ...NAMES.map((name) => siteNode(`site-${name}`, name, `/${name}`))));
    for (const name of [...Object.keys(PAGES), 'big']) {
      await site.nodeRed.until(`${name} is served`, async () => (await site.nodeRed.request(`/${name}`)).ok);
    }
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

describe('the shell goes on around a page', { skip: noBrowser }, () => {
  it('that sends it messages without end', LIMIT, () =>
    goesOn('/flood', (look) => look.sees(/was stopped: it sent messages without end/)),
  );

  it('of a hundred thousand elements', LIMIT, () =>
    goesOn('/huge', (look) => look.plugin.locator('#r49999').waitFor({ state: 'attached' })),
  );

  it('that loops for ever', LIMIT, () => goesOn('/loop'));

  it('that goes elsewhere: it is set again', LIMIT, async () => {
    const look = await site.look('/gone');
    await look.isConnected();
    const isElsewhere = () => look.page.frames()[1]?.url().startsWith('chrome-error:');
    await site.nodeRed.until('it went elsewhere', isElsewhere);
    await site.nodeRed.until('it was set again', () => !isElsewhere());
    await look.sees('shown');
    await look.close();
  });

  it('of more than an event holds: it is fetched', LIMIT, async () => {
    const look = await site.look('/big');
    await look.isConnected();
    await look.sees('aaaa');
    await replace('big', await longPlugin(LONG, 'b'));
    await look.sees('bbbb');
    await look.close();
  });
});
