/** Pages that flood, hang or leave, hostile or not: whatever happens in the frame, the shell keeps working. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noBrowser } from './chromium';
import { Front } from './front';
import { settingTable } from './page-plugins';
import { LIMIT, type Look, WatchedSite } from './watched-site';

const HEAD = '<!doctype html><html lang="en"><title>x</title><body><p id="mark">shown</p>';
const PAGES: Readonly<Record<string, string>> = {
  flood: `${HEAD}<script>let n=0;setInterval(()=>{for(let i=0;i<200;i++)
    parent.postMessage(['ready','other-scripts','shown',{kind:'page',html:'x',a:new Array(1000).fill(n++)},null][i%5],'*')},1)</script>`,
  huge: `${HEAD}<script>const rows=[];for(let i=0;i<50000;i++)rows.push('<p id=r'+i+'><b>row</b></p>');
    document.body.insertAdjacentHTML('beforeend',rows.join(''))</script>`,
  loop: `${HEAD}<script>setTimeout(()=>{for(;;);},300)</script>`,
  gone: `${HEAD}<script>setTimeout(()=>{location='http://127.0.0.1:9/'},2000)</script>`,
};

const TOML = Object.entries(PAGES)
  .map(([name, page]) => settingTable(name, page))
  .join('');
const NAMES = Object.keys(PAGES);

let site: WatchedSite;

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
    site = await WatchedSite.ofPages(TOML, NAMES);
  }, LIMIT);
  after(() => site?.close());
}

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
});
